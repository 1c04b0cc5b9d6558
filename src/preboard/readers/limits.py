"""How large what comes from outside may be: a record, its cells, what an archive unpacks to.

A file beyond them is most often not what it says: no delimited file, one with a quote that is never
closed, or an archive made to fill the disk. Reading ends with an InputError that names the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from preboard.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read of one source.

    `record_chars` of the text of a record, `cell_chars` of a cell, `cells` of a record.
    `unpacked_bytes` of what an archive holds; `unpacked_ratio` of plain to compressed bytes, judged
    when there are more than `ratio_from_bytes`; `copied_bytes` of a zip archive that is read from a
    pipe and must be copied to disk first.

    Raises:
        ConfigError: A limit is not more than 0.

    >>> Limits(cells=20).cells, Limits().cell_chars
    (20, 1048576)
    """

    record_chars: int = 16 << 20
    cell_chars: int = 1 << 20
    cells: int = 16384
    unpacked_bytes: int = 64 << 30
    unpacked_ratio: float = 250.0
    ratio_from_bytes: int = 64 << 20
    copied_bytes: int = 8 << 30

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ConfigError(f"limit {name} is {getattr(self, name)}", hint="more than 0")


DEFAULT_LIMITS: Final = Limits()
