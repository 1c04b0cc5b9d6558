"""A list that does not grow in memory: what does not fit goes to a temporary file.

Errors, printouts, matched and unmatched lines of a run are kept in spools, so that memory stays
flat however long the file is. The temporary file has no name and goes away with the spool.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

IN_MEMORY = 2_000
"""How many items are held before they are written out."""


class Spool(Sequence[T], Generic[T]):
    """An append-only sequence; indexing deep into a long one reads the file up to there."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._latest: list[T] = []
        self._file: IO[bytes] | None = None
        self._written = 0
        self._in_memory = in_memory

    def append(self, item: T) -> None:
        """Add one item at the end."""
        self._latest.append(item)
        if len(self._latest) >= self._in_memory:
            self._write()

    def extend(self, items: Iterable[T]) -> None:
        """Add items at the end."""
        self._latest.extend(items)
        if len(self._latest) >= self._in_memory:
            self._write()

    def spill(self) -> None:
        """Write out what is held, however few items it is: each may be large."""
        if self._latest:
            self._write()

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="preboard-")  # noqa: SIM115 - lives as long as the spool
            weakref.finalize(self, self._file.close)
        self._file.seek(0, 2)
        pickle.dump(self._latest, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._written += len(self._latest)
        self._latest = []

    def __len__(self) -> int:
        return self._written + len(self._latest)

    def __iter__(self) -> Iterator[T]:
        if self._file is not None:
            place = 0
            while items := self._read_at(place):
                block, place = items
                yield from block
        yield from self._latest

    def _read_at(self, place: int) -> tuple[list[T], int] | None:
        """Return the block at `place` of the file and where the next one begins."""
        assert self._file is not None  # noqa: S101 - only called when there is one
        self._file.seek(place)
        try:
            block = pickle.load(self._file)  # noqa: S301 - our own nameless file
        except EOFError:
            return None
        return block, self._file.tell()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return list(islice(self, *index.indices(len(self))))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError("spool index out of range")
        if place >= self._written:
            return self._latest[place - self._written]
        return next(islice(self, place, None))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sequence) and not isinstance(other, str):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, islice(self, 3)))
        more = ", ..." if len(self) > 3 else ""  # noqa: PLR2004 - what fits in a line
        return f"<{len(self)} items: [{shown}{more}]>"
