"""Where `--matched`, `--unmatched` and `--errors` write: which names, and which are refused.

All is settled before the data is opened: a name that is taken twice, that is the name of an input,
or whose directory is missing is a wrong command line, not a surprise after an hour.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from preboard.cli.options import UsageError
from preboard.cli.parameters import STANDARD_INPUT
from preboard.cli.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

STANDARD_OUTPUT = "-"
_ITS_NAMES = frozenset({"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
_TEXT = frozenset({".csv", ".tsv", ".tab", ".psv", ".ssv", ".txt", ".dat"})
_HARMLESS = re.compile(r"[^\w.-]+")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say: a file, a directory, - or nothing for each kind."""

    matched: str | None = None
    unmatched: str | None = None
    errors: str | None = None
    header: bool | None = None
    """Whether lines have the header line above them; None: where the statement does not scan it."""
    escapes_formulas: bool = False
    """Cells that a spreadsheet would take for formulas are made text."""

    def __post_init__(self) -> None:
        """Take standard output by any of its names for it, so that the answer steps aside."""
        for kind in ("matched", "unmatched", "errors"):
            if getattr(self, kind) in _ITS_NAMES:
                object.__setattr__(self, kind, STANDARD_OUTPUT)

    @property
    def by_kind(self) -> dict[str, str]:
        """Return what was said for each kind that is asked for."""
        said = {"matched": self.matched, "unmatched": self.unmatched, "errors": self.errors}
        return {kind: place for kind, place in said.items() if place is not None}

    @property
    def shared_errors(self) -> str | None:
        """Return the one file for the errors of all files and statements, if there is to be one."""
        place = self.errors
        is_file = place not in (None, STANDARD_OUTPUT) and not is_directory(place or "")
        return place if is_file else None

    @property
    def lines(self) -> bool:
        """Say whether lines must be kept."""
        return self.matched is not None or self.unmatched is not None

    @property
    def takes_answer(self) -> bool:
        """Say whether standard output is for one of them, so that the answer goes elsewhere."""
        return STANDARD_OUTPUT in self.by_kind.values()


Key = tuple[str, str, int]
"""A kind of output, a data file, and the number of a statement from 1."""


def targets(wanted: Wanted, data: Sequence[str], titles: Sequence[str | None]) -> dict[Key, Path]:
    """Return the path of each file that is written for one data file and statement."""
    found: dict[Key, Path] = {}
    several = len(data) * len(titles) > 1
    for kind, place in wanted.by_kind.items():
        if kind == "errors" and not is_directory(place):
            continue
        if several and not is_directory(place):
            raise UsageError(
                f"--{kind} {visible(place)} takes the lines of one file and one statement;"
                " give a directory, such as out/"
            )
        if place == STANDARD_OUTPUT:
            continue
        for name, (number, title) in product(data, enumerate(titles, 1)):
            path = Path(place)
            if is_directory(place):
                path /= file_name(name, title, number, kind, many=len(titles) > 1)
            found[kind, name, number] = path
    return found


def is_directory(place: str) -> bool:
    """Say whether an option names a directory: one that exists, or by its last character."""
    return place.endswith(("/", os.sep)) or Path(place).is_dir()


def file_name(data: str, title: str | None, number: int, kind: str, *, many: bool) -> str:
    """Return what an output is called: after the file, the statement and its kind.

    Lines keep the extension of the data, which says their delimiter.

    >>> file_name("in/orders.tsv.gz", "rules & more", 1, "matched", many=True)
    'orders.rules_more.matched.tsv'
    >>> file_name("orders.xlsx", None, 2, "errors", many=True)
    'orders.statement-2.errors.csv'
    >>> file_name("book.xlsx#May 26", None, 1, "matched", many=False)
    'book_May_26.matched.csv'
    """
    path = PurePath("stdin" if data == STANDARD_INPUT else data)
    while path.suffix.lower() in _COMPRESSED:
        path = path.with_suffix("")
    suffix = path.suffix if path.suffix.lower() in _TEXT and kind != "errors" else ".csv"
    title = title or (f"statement-{number}" if many else "")
    stem = path.stem
    if "#" in path.suffix:  # a sheet of a workbook
        stem += f"_{path.suffix.partition('#')[2]}"
    words = [_harmless(stem) or "data", _harmless(title)[:_LONGEST], kind]
    return ".".join(word for word in words if word) + suffix


def _harmless(word: str) -> str:
    return _HARMLESS.sub("_", word).strip("._")


def refuse_bad(paths: dict[Key, Path], wanted: Wanted, inputs: Sequence[Path]) -> None:
    """Refuse outputs that would overwrite each other or an input, or have no place.

    Raises:
        UsageError: there is one.
    """
    all_paths = list(paths.values())
    if wanted.shared_errors is not None:
        all_paths.append(Path(wanted.shared_errors))
    if list(wanted.by_kind.values()).count(STANDARD_OUTPUT) > 1:
        raise UsageError("standard output takes only one of --matched, --unmatched and --errors")
    taken = set()
    for path in all_paths:
        real = os.path.realpath(path)
        shown = visible(str(path))
        if real.casefold() in taken and not _is_special(path):
            raise UsageError(f"two outputs would be called {shown}; write them one by one")
        if any(_is_same(path, given) for given in inputs):
            raise UsageError(f"{shown} is an input, it is not overwritten")
        taken.add(real.casefold())
    for place in wanted.by_kind.values():
        if place != STANDARD_OUTPUT:
            _need_directory(place)


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _need_directory(place: str) -> None:
    """Make the directory that an option names; the one of a file must be there."""
    path = Path(place)
    if place.endswith(("/", os.sep)):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{visible(place)} cannot be made: {error.strerror}") from error
    elif not path.parent.is_dir():
        raise UsageError(f"there is no directory {visible(str(path.parent))} for {visible(place)}")
