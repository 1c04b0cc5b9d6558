"""Run the cases of the language and say which of them are not met.

usage: run.py [SET ...] [--only REGEX] [--show N]

Without a set: all of them. Exit code 0 when every case is met, else 1.
"""

# ruff: noqa: T201 - a command prints

from __future__ import annotations

import argparse
import re
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.conformance.cases import SETS, Case, Difference, compared, differences, run


def main() -> int:
    """Run what the command line asks for and return the exit code."""
    options = _options()
    only = re.compile(options.only)
    failed: list[tuple[Case, list[Difference]]] = []
    total = 0
    for name in options.sets or SETS:
        cases = [case for case in compared([name]) if only.search(case.id)]
        found = [(case, differing) for case in cases if (differing := _tried(case))]
        print(f"{name}: {len(cases) - len(found)} of {len(cases)} as expected")
        failed += found
        total += len(cases)
    for case, differing in failed[: options.show]:
        data = case.data if isinstance(case.data, str) else repr(case.data["text"])
        print(f"\n{case.id}  {case.csvpath}  on {data}", *differing, sep="\n  ")
    if len(failed) > options.show:
        print(f"\n... and {len(failed) - options.show} more")
    return 1 if failed or not total else 0


def _tried(case: Case) -> list[Difference]:
    """Return in what a case is not met; a crash of the library is one way not to meet it."""
    with TemporaryDirectory() as folder:
        try:
            return differences(case, run(case, Path(folder)))
        except Exception:  # noqa: BLE001 - whatever it is, the other cases shall be run
            return [Difference("crash", None, traceback.format_exc(limit=-3))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the cases of the language.")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"one of {', '.join(SETS)}")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose id it finds")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="failures to tell of")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
