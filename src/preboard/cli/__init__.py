"""The command line: `preboard`, also as `python -m preboard`."""

from __future__ import annotations

import gc
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_OBJECTS = 50_000
"""Made before the collector of cycles looks: what is loaded has none, and is a tenth of a start."""


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    gc.set_threshold(_OBJECTS)
    try:
        signal.signal(signal.SIGTERM, _terminate)
        from preboard.cli.app import run  # noqa: PLC0415 - Ctrl-C while it loads ends quietly, too

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except ImportError as error:  # Python would end with 1, which reads as "invalid"
        code = _tell_incomplete(error)
    gc.freeze()  # the interpreter would look through all that was loaded, a fifth of a short run
    sys.exit(code)


def _tell_incomplete(error: ImportError) -> int:
    """Say that the installation lacks something, and return the code of what could not be done."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(
                f"error: preboard is not installed whole: {error}\n"
                "  hint: install it again: pip install --force-reinstall preboard\n"
            )
    return 3


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    """End as a shell tells of it, and let what is half written be taken away on the way."""
    raise SystemExit(128 + number)
