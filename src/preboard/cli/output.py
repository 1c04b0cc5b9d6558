"""Where the command line writes: the answer to standard output, all else to standard error."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from preboard.cli.environment import no_colour_wanted
from preboard.cli.visible import visible
from preboard.errors import PreboardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

Part = str | tuple[str, str]
"""A piece of a line: text, or text and its style."""


class Page:
    """Lines of text, with styles where the output is a terminal that shows them."""

    def __init__(self, out: TextIO, *, colours: bool) -> None:
        self._out = out
        self._console = _console(out) if colours else None

    def line(self, *parts: Part) -> None:
        """Write one line. The parts must be `visible`."""
        if self._console is None:
            texts = [part if isinstance(part, str) else part[0] for part in parts]
            self._out.write("".join(texts) + "\n")
            return
        from rich.text import Text  # noqa: PLC0415 - only a terminal needs rich

        self._console.print(Text.assemble(*parts), soft_wrap=True)


def _console(out: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich

    return Console(file=out, highlight=False)


def has_colours(out: TextIO) -> bool:
    """Say whether `out` is a terminal, and colours are welcome."""
    return out.isatty() and not no_colour_wanted()


def prepare() -> None:
    """Make the standard streams take any text: what they cannot encode is written out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def answer(*, aside: bool = False) -> Iterator[TextIO]:
    """Lend standard output for the answer; `aside` standard error, where lines of data go first.

    A reader that goes away early, such as `head`, ends the answer silently.

    Raises:
        PreboardError: the answer could not be written, for example to a full disk.
    """
    stream = sys.stderr if aside else sys.stdout
    if stream is None:  # closed by the caller
        with Path(os.devnull).open("w", encoding="utf-8", errors="backslashreplace") as nowhere:
            yield nowhere
        return
    try:
        yield stream
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError as error:
        _silence(stream)
        reason = error.strerror or str(error)
        raise PreboardError(f"the answer could not be written: {reason}") from error


def tell(text: str) -> None:
    """Write a message to standard error. It must be `visible`."""
    if sys.stderr is None:  # closed by the caller; print() would take standard output
        return
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is where messages go


def tell_error(error: PreboardError) -> None:
    """Write what is wrong, and what to do about it, to standard error."""
    tell(f"error: {visible(error.message)}")
    if error.hint:
        tell(f"  hint: {visible(error.hint)}")


def _silence(stream: TextIO) -> None:
    """Let what is still in the buffer go nowhere, so that the end of the process is quiet."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
