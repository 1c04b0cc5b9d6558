"""JSON lines (JSONL, NDJSON) to batches of rows: a record on each line, an object or an array.

In: a binary source. Out: `Batch`es. The values of an object are its cells, and its keys the headers
of that record; an array is a record as a line of delimited text is one. Values stay what they are:
text stays text, `1` is an int, null is None, nested values are lists and dictionaries. A blank
line, `{}` and `[]` are blank records.

JSON that says two things or nothing is refused: a key that stands twice in an object, NaN and
Infinity (or a number so large that it would become that), half of a surrogate pair.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn, cast

from preboard.errors import InputError
from preboard.readers.batch import Batch, RecordCount
from preboard.readers.jsonl.blocks import LineBlocks
from preboard.readers.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from preboard.diagnostics import Finding
    from preboard.readers.jsonl.blocks import Lines
    from preboard.readers.reader import Kind

DEEPEST: Final = 64
"""How many lists and objects may stand inside one another."""

_BATCH_ROWS = 512
_LONGEST_NUMBER = 4000  # as in language.functions.type_rules: CPython writes no longer ones as text
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_EMPTY = re.compile(rb"\{[ \t\r]*\}|\[[ \t\r]*\]")
_LINE_HINT = "each line is to be a JSON object or array"
_DOCUMENT_HINT = "is this one JSON document? give a record on each line"


class _Wrong(Exception):  # noqa: N818 - what a record is, not an error of the program
    """A record is not as it must be; `at` is where in its text, if that is known."""

    def __init__(self, what: str, at: int = 0, hint: str | None = None) -> None:
        super().__init__(what)
        self.at = at
        self.hint = hint


class JsonLinesReader:
    """Reads a source once, from where it stands to its end.

    Raises:
        InputError: While iterating, after all records before it: a line is no record, or one that
            is beyond the limits, with its number and byte offset.
    """

    kind: Kind = "jsonl"
    text_rows = False
    dialect = None
    findings: Sequence[Finding] = ()

    def __init__(
        self,
        source: BinaryIO,
        encoding: str = "utf-8",
        *,
        limits: Limits = DEFAULT_LIMITS,
        block_bytes: int = 1 << 16,
    ) -> None:
        self._blocks = LineBlocks(source, encoding, limits.record_chars, block_bytes)
        self._decoder = RecordDecoder(limits)

    @property
    def bytes_read(self) -> int:
        """Return how many bytes were taken from the source so far."""
        return self._blocks.bytes_read

    def __iter__(self) -> Iterator[Batch]:
        for lines in self._blocks:
            yield from self._records(lines)

    def count(self) -> RecordCount:
        """Return how many records there are from here to the end; they are not looked into."""
        total = RecordCount()
        for lines in self._blocks:
            rows = [line.strip() for line in lines.texts]
            total = total.plus_rows([[] if not r or _EMPTY.fullmatch(r) else [""] for r in rows])
        return total

    def _records(self, lines: Lines) -> Iterator[Batch]:
        """Give the records of some lines, cut where the headers change."""
        rows: list[list[Any]] = []
        headers: list[str] | None = None
        first = lines.first_line
        for index, line in enumerate(lines.texts):
            try:
                keys, row = self._decoder.decode(line)
            except _Wrong as wrong:
                if rows:
                    yield Batch(rows, first, first + 1, headers=headers)
                raise self._error(wrong, lines, index) from wrong
            if rows and (len(rows) == _BATCH_ROWS or (row and keys != headers)):
                yield Batch(rows, first, first + 1, headers=headers)
                first += len(rows)
                rows = []
            if row:
                headers = keys
            rows.append(row)
        if rows:
            yield Batch(rows, first, first + 1, headers=headers)

    def _error(self, wrong: _Wrong, lines: Lines, index: int) -> InputError:
        """Return the error of a line."""
        number = lines.first_line + index
        offset = lines.offset_of(index)
        text = lines.texts[index].decode("utf-8", "replace")
        lead = len(text) - len(text.lstrip())
        if offset is not None and wrong.at >= 0:
            offset += len(text[: lead + wrong.at].encode())
        return InputError(
            f"text line {number + 1}: {wrong}",
            hint=wrong.hint,
            line=number,
            byte_offset=offset,
        )


class RecordDecoder:
    """Turns the text of a record into its keys and values."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_constant=_constant, parse_float=_decimal
        )
        careful = json.JSONDecoder(
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_decimal,
            parse_int=_whole,
        )
        self._scan: Callable[[str, int], tuple[Any, int]] = vars(decoder)["scan_once"]
        self._scan_carefully: Callable[[str, int], tuple[Any, int]] = vars(careful)["scan_once"]

    def decode(self, line: bytes) -> tuple[list[str] | None, list[Any]]:
        """Return the keys of a record, None if it is an array, and its values.

        Raises:
            _Wrong: it is no record, or beyond a limit.
        """
        try:
            text = line.decode().strip()
        except UnicodeDecodeError as error:
            what = f"byte 0x{line[error.start]:02x} is not utf-8"
            hint = "JSON lines are UTF-8; give the encoding if these are not"
            raise _Wrong(what, len(line[: error.start].decode()), hint) from error
        if not text:
            return None, []
        found = self._parsed(text)
        if len(text) > self._limits.cells or _HALF_PAIR.search(text):
            self._check(found)
        if isinstance(found, dict):
            return list(found), list(found.values())
        return None, found

    def _parsed(self, text: str) -> dict[str, Any] | list[Any]:
        if text[0] not in "{[":
            raise _Wrong("the line is no record", 0, _LINE_HINT)
        _check_depth(text)
        scan = self._scan if len(text) < _LONGEST_NUMBER else self._scan_carefully
        try:
            found, end = scan(text, 0)
        except StopIteration as stop:
            raise _Wrong("a value is missing", stop.value, _hint(text)) from stop
        except json.JSONDecodeError as error:
            said = error.msg[:1].lower() + error.msg[1:]
            raise _Wrong(f"this is not JSON: {said}", error.pos, _hint(text)) from error
        except ValueError as error:
            raise _Wrong(str(error)) from error
        if end != len(text):
            raise _Wrong("more stands behind the record", end, _LINE_HINT)
        return cast("dict[str, Any] | list[Any]", found)

    def _check(self, found: dict[str, Any] | list[Any]) -> None:
        """Refuse what is beyond the limits, and text that no encoding can write."""
        limits = self._limits
        if len(found) > limits.cells:
            raise _Wrong(f"the record has more than {limits.cells} cells")
        waiting: list[Any] = [found]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting.extend(value)
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
            elif isinstance(value, str):
                _check_text(value, limits.cell_chars)


def _hint(text: str) -> str:
    return _DOCUMENT_HINT if text in ("{", "[", "[{") else _LINE_HINT


def _check_text(text: str, longest: int) -> None:
    if len(text) > longest:
        raise _Wrong(f"the record has a cell of more than {longest} characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Wrong("a text holds half of a surrogate pair, which is no character") from error


def _check_depth(text: str) -> None:
    """Refuse values that nest too deep, before the parser goes into them."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return
    depth = 0
    for part in _STRUCTURE.finditer(text):
        mark = part[0]
        if mark in "{[":
            depth += 1
            if depth > DEEPEST:
                raise _Wrong(f"lists and objects nest deeper than {DEEPEST}", part.start())
        elif mark in "}]":
            depth -= 1


_STRUCTURE = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*+"?')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:80]!r} stands twice in an object")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _decimal(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]} is too large")
    return value


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number has more than {_LONGEST_NUMBER} digits")
    return int(text)
