"""The command line: `preboard`, also as `python -m preboard`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    try:
        from preboard.cli.app import run  # noqa: PLC0415 - Ctrl-C while it loads ends quietly, too

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
