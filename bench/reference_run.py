"""Run one workload on the reference, the `csvpath` package, and print one JSON line.

usage: reference_run.py WORKLOAD FILE [--results OUT.json]

Needs an interpreter that has `csvpath`, and an empty working directory: it writes config/ and
logs/ there. The clock covers parsing, fast_forward and the reading of the results; imports are
left out.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
from pathlib import Path
from typing import Any

from measure import Clock, ErrorLines, emit, peak_mb
from workloads import WORKLOADS

CONFIG = """[extensions]
csvpath_files = txt, csvpath, csvpaths
csv_files = csv, tsv, dat, tab, psv, ssv, xlsx, xls, jsonl, ndjson
[errors]
csvpath = collect, fail
csvpaths = collect, fail
use_format = bare
pattern = {time}:{file}:{line}:{paths}:{instance}:{chain}:  {message}
[logging]
csvpath = error
csvpaths = error
log_file = logs/csvpath.log
log_files_to_keep = 1
log_file_size = 52428800
handler = file
[config]
path = config/config.ini
allow_var_sub = False
var_sub_source = env
[cache]
path = cache
use_cache = no
[functions]
imports =
[results]
archive = archive
transfers = transfers
[inputs]
files = inputs/named_files
csvpaths = inputs/named_paths
on_unmatched_file_fingerprints = halt
allow_http_files = False
allow_local_files = True
[listeners]
groups =
"""
_INTERNAL = "_intx_"


def main() -> None:
    """Run the workload that the command line names."""
    parser = argparse.ArgumentParser(description="Run one workload on the reference.")
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--results", type=Path, help="write the whole outcome here, as JSON")
    args = parser.parse_args()
    for directory in ("config", "logs"):
        Path(directory).mkdir()
    Path("config/config.ini").write_text(CONFIG, encoding="utf-8")
    # absolute, but not resolved: run.py gives the file by a short link, safe in the statement
    statement = WORKLOADS[args.workload].with_path(str(args.file.absolute()))
    csvpath: Any = importlib.import_module("csvpath")

    printed = io.StringIO()
    error_lines = ErrorLines()
    with contextlib.redirect_stdout(printed):
        clock = Clock()
        path = csvpath.CsvPath()
        path.parse(statement)
        path.fast_forward()
        error_lines.add_all(error.line_count for error in path.errors)
        variables = path.variables
        times = clock.read()
    measured = {
        "side": "reference",
        "workload": args.workload,
        **times,
        "lines": path.line_monitor.physical_line_count,
        "scans": path.scan_count,
        "matches": path.match_count,
        "valid": path.is_valid,
        "peak_mb": peak_mb(),
    }
    emit(
        measured,
        error_lines=error_lines,
        variables={name: v for name, v in variables.items() if not name.startswith(_INTERNAL)},
        printed=printed.getvalue().splitlines(),
        results=args.results,
    )


if __name__ == "__main__":
    main()
