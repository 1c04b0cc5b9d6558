"""What a caller says about a source, which wins over what its name and its bytes tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is said of how a source is written; None where nothing is said."""

    delimiter: str | None = None
    quotechar: str | None = None
    format: str | None = None
    """csv, jsonl, excel, parquet and others: see `choose.FORMATS`."""
    sheet: str | int | None = None
    """The sheet of a workbook, by name or 0-based index."""
