"""Compare the compiled engine with the slow evaluator over many random cases.

usage: python -m tests.slow.run [CASES] [SEED] [--show N] [--only FUNCTION,FUNCTION,...]

Prints how many agreed, and the first that differ, minimised. Exit status 1 when one differs.
"""

from __future__ import annotations

import argparse
import random
import sys

from tests.slow.compare import differences, minimise
from tests.slow.generator import Case, make_case


def main() -> int:
    """Run the cases and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cases", nargs="?", type=int, default=10_000)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--show", type=int, default=5, help="how many differing cases to show")
    parser.add_argument("--only", default="", help="call these functions only, with commas between")
    args = parser.parse_args()
    only = [name for name in args.only.split(",") if name]
    shown: set[str] = set()
    agreed = 0
    for number in range(args.cases):
        case = make_case(random.Random(f"{args.seed}/{number}"), only)  # noqa: S311 - no secret
        if not differences(case):
            agreed += 1
        elif len(shown) < args.show:
            smallest = minimise(case)
            text = describe(smallest)
            if text not in shown:
                shown.add(text)
                print(f"\n--- case {args.seed}/{number}\n{text}", flush=True)  # noqa: T201 - its purpose
    print(f"\n{agreed} of {args.cases} agreed (seed {args.seed})")  # noqa: T201
    return 0 if agreed == args.cases else 1


def describe(case: Case) -> str:
    """Return a case with both outcomes as text."""
    lines = [case.text, f"data: {case.data!r}", f"on_error: {','.join(case.on_error)}"]
    for name, (slow, compiled) in differences(case).items():
        lines += [f"{name}:", f"    slow      {slow!r}", f"    compiled  {compiled!r}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
