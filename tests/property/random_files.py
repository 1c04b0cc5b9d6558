"""Read random files as the csv module does: the same records, whatever the blocks and batches.

usage: python tests/property/random_files.py [COUNT] [--seed N]

Each file has a number; the same seed makes the same files. Prints how many were read and, of a file
that is read otherwise, all that is needed to see it again. Exit code 0 when all agree, else 1.
"""

# ruff: noqa: T201, S311 - a command prints; the files are random, not secret

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.property.as_csv_module import Records, by_our_reader, expected

from preboard.readers.dialect import Dialect

_ENDS: Final = ("\n", "\r\n", "\r")
_PIECES: Final = (
    *('"', '""', "'", ",", ";", "\t", "|", " ", "\n", "\r", "\r\n", "\n\n", "\r\r\n"),
    *("a", "bc", "12.5", "é", "€", "𝄞", "\x0b", "\x1c", "\x85", "\u2028"),
)
_CELLS: Final = ("", "a", "12", "é x", "3,5", "long cell " * 3, "€", "2024-01-02", " ")
_QUOTED: Final = ("a{0}b", 'say ""x""', "one\ntwo", "", "x\r\ny", "1\r2", '""', "\n")
_ODD: Final = ('li"teral', '"a"b', '"open', 'a""', ' "b"')
_ENCODINGS: Final = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030")


@dataclass(frozen=True)
class RandomFile:
    """A text, how it is written and in which pieces it is read."""

    text: str
    delimiter: str
    quotechar: str
    encoding: str
    block_bytes: int
    batch_rows: int

    def expected(self) -> Records:
        """Return its records as the csv module has them."""
        return expected(self.text, self.encoding, self.delimiter, self.quotechar)

    def read(self) -> Records:
        """Return its records as our reader has them."""
        data = self.text.encode(self.encoding)
        dialect = Dialect(self.delimiter, self.quotechar, self.encoding)
        with patch("preboard.readers.batch._BATCH_ROWS", self.batch_rows):
            return by_our_reader(data, dialect, block_bytes=self.block_bytes)


def random_file(random: Random) -> RandomFile:
    """Return any file: one that a program wrote, or one in which anything follows anything."""
    delimiter = random.choice(",,,;\t|§^ ")
    quotechar = random.choice('"""\'é')
    make = random.choice((_wild, _tame, _tame, _all_quoted))
    text = make(random, delimiter, quotechar)
    blocks = random.choice((random.randint(1, 64), random.randint(1, 5000), 1 << 16))
    encoding = random.choice(_ENCODINGS)
    return RandomFile(text, delimiter, quotechar, encoding, blocks, random.choice((1, 3, 512)))


def _wild(random: Random, delimiter: str, quotechar: str) -> str:
    pieces = (*_PIECES, delimiter, quotechar)
    return "".join(random.choices(pieces, k=random.randint(0, 60)))


def _tame(random: Random, delimiter: str, quotechar: str) -> str:
    """Return a table with rare quotes, of which fewer still are odd."""
    end = random.choice(_ENDS)
    quoted, odd = random.choice((0.0, 0.02, 0.3)), random.choice((0.0, 0.0, 0.01))

    def cell() -> str:
        chance = random.random()
        if chance < odd:
            return random.choice(_ODD).replace('"', quotechar)
        if chance < quoted:
            return _quoted(random, delimiter, quotechar)
        return random.choice(_CELLS)

    rows = (random.choice((0, 1, 3, 3, 3, 40)) for _ in range(random.randint(0, 60)))
    lines = (delimiter.join(cell() for _ in range(cells)) for cells in rows)
    return end.join(lines) + end * random.randint(0, 1)


def _all_quoted(random: Random, delimiter: str, quotechar: str) -> str:
    end = random.choice(_ENDS)
    cells = random.randint(1, 5)
    return "".join(
        delimiter.join(_quoted(random, delimiter, quotechar) for _ in range(cells)) + end
        for _ in range(random.randint(0, 40))
    )


def _quoted(random: Random, delimiter: str, quotechar: str) -> str:
    inside = random.choice(_QUOTED).format(delimiter).replace('"', quotechar)
    return f"{quotechar}{inside}{quotechar}"


def main() -> int:
    """Read what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(description="Read random files as the csv module does.")
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.perf_counter()
    records = 0
    for number in range(options.count):
        file = random_file(Random(f"{options.seed}/{number}"))
        wanted = file.expected()
        records += len(wanted)
        if file.read() != wanted:
            print(f"file {number} of seed {options.seed} is read otherwise: {file!r}")
            print(f"wanted {wanted}\nfound  {file.read()}")
            return 1
    seconds = time.perf_counter() - began
    print(f"{options.count:,} files, {records:,} records: all as the csv module, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
