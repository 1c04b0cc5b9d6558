"""meta.json of an instance: what its statement says of itself, and its counts (spec 1.3)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class RuntimeData(Struct, frozen=True, kw_only=True):
    """Where the statement stood at its end: the fields that it can print, too."""

    delimiter: str
    quotechar: str
    file_name: str
    lines_time: float
    total_lines: int
    count_lines: int
    line_number: int
    identity: str
    count_matches: int
    count_scans: int
    scan_part: str
    match_part: str
    last_line_time: float
    headers: list[str]
    valid: bool
    stopped: bool
    unmatched_mode: str | None = field(name="unmatched-mode")
    validation_mode: str | None = field(name="validation-mode")
    source_mode: str | None = field(name="source-mode")
    print_mode: str | None = field(name="print-mode")
    run_mode: str | None = field(name="run-mode")
    logic_mode: str | None = field(name="logic-mode")
    explain_mode: str | None = field(name="explain-mode")
    return_mode: str | None = field(name="return-mode")
    run_started_at: str
    lines_collected: int
    errors_count: int
    named_paths_name: str
    named_file_name: str
    run_dir: str
    run_dir_name: str
    run_reference: str
    day_of_week: str
    day: int
    month: int
    month_of_year: str
    year: int
    hour: int
    hour_of_day: str
    minute: int
    second: int
    run_index: str


class FindingEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something odd about the file that was read."""

    code: str
    message: str
    hint: str | None = None
    line: int | None = None
    count: int | None = None


class MetaDocument(Struct, frozen=True, kw_only=True):
    """meta.json."""

    paths_name: str
    file_name: str
    run_time: str
    run_index: str
    identity: str
    metadata: dict[str, Any]
    runtime_data: RuntimeData
    findings: list[FindingEntry]
