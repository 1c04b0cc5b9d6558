"""The command line: `preboard`, also as `python -m preboard`."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    try:
        signal.signal(signal.SIGTERM, _terminate)
        from preboard.cli.app import run  # noqa: PLC0415 - Ctrl-C while it loads ends quietly, too

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    """End as a shell tells of it, and let what is half written be taken away on the way."""
    raise SystemExit(128 + number)
