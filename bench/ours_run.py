"""Run one workload on Preboard and print one JSON line.

usage: ours_run.py WORKLOAD FILE [--results OUT.json]

The clock covers the whole of `preboard.validate(statement, file, collect=False)` - parser,
sniffing, run, report - and the reading of the variables, errors and printouts of the report.
Start-up and the import of `preboard.validate` are left out.

A statement that Preboard refuses gives {"unsupported": MESSAGE} and exit status 0.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from measure import Clock, ErrorLines, emit, peak_mb
from workloads import WORKLOADS

import preboard


def main() -> None:
    """Run the workload that the command line names."""
    parser = argparse.ArgumentParser(description="Run one workload on Preboard.")
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--results", type=Path, help="write the whole outcome here, as JSON")
    args = parser.parse_args()
    statement = WORKLOADS[args.workload].statement
    validate, refused = preboard.validate, preboard.StatementError  # exports are lazy: import now
    error_lines = ErrorLines()

    clock = Clock()
    try:
        report = validate(statement, args.file, collect=False)
    except refused as error:
        sys.stdout.write(json.dumps({"unsupported": str(error)}) + "\n")
        return
    error_lines.add_all(error.line for error in report.errors)
    variables = dict(report.variables)
    printed = list(report.printouts.get("default", ()))
    times = clock.read()

    measured = {
        "side": "ours",
        "workload": args.workload,
        **times,
        "lines": report.counts.lines,
        "scans": report.counts.scans,
        "matches": report.counts.matches,
        "valid": report.valid,
        "peak_mb": peak_mb(),
    }
    emit(
        measured,
        error_lines=error_lines,
        variables=variables,
        printed="\n".join(printed).splitlines(),
        results=args.results,
    )


if __name__ == "__main__":
    main()
