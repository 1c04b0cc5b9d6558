"""The program that takes a workbook apart, in a process of its own: workbook in, JSON lines out.

The library that reads workbooks is native code that allocates what a file asks for: two cells in
opposite corners of a sheet of 5 KB are 500 GB, and the process aborts. So `ExcelReader` runs it
here, where memory and time are bounded and an abort is an answer like others.

In: the workbook on standard input, the request as JSON in the last argument. Out: a line with the
sheets, a line for each batch of rows, and one that says that there are no more; or one `{"error":
...}`. A cell that JSON does not know is an object with one key, see `readers.excel`.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from preboard.readers.excel.faults import count_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_calamine import CalamineSheet, CalamineWorkbook

_BATCH_ROWS = 512
_BATCH_CELLS = 200_000
_MOST_PARTS = 20_000
_LEAST_MEMORY = 768 << 20
_MEMORY_A_BYTE = 24
"""A cell takes about 20 bytes of XML and 80 of memory; blank ones between cells come on top."""
_EXACT: Final = 2**53
"""Whole numbers up to here are exact in a workbook, which only has floats."""


class _Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """The workbook is not read; the text says why."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def main() -> None:
    """Answer the request."""
    request = json.loads(sys.argv[-1])
    _bound(request["memory_bytes"], request["cpu_s"])
    out = sys.stdout.buffer
    try:
        for part in _parts(sys.stdin.buffer.read(), request):
            _write(out, part)
    except _Refused as refused:
        _write(out, {"error": str(refused), "hint": refused.hint})
    except MemoryError:
        _write(out, {"memory": True})
    except BrokenPipeError:
        sys.stderr.close()


def _bound(memory_bytes: int, cpu_s: int) -> None:
    """Bound what this process may use, where the system can."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    grace_s = 5  # at the first bound a signal says why, at the second the system just kills
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + grace_s))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _bound_memory(memory_bytes)


def _bound_memory(most: int) -> None:
    """Bound the memory; a bound that is set can only be made tighter."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _write(out: BinaryIO, part: Any) -> None:
    out.write(json.dumps(part, default=_tagged, separators=(",", ":")).encode())
    out.write(b"\n")
    out.flush()


def _tagged(value: object) -> dict[str, str | float]:
    """Return how a cell is written that JSON has no form for."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    return {"text": str(value)}


def _parts(content: bytes, request: dict[str, Any]) -> Iterator[Any]:
    """Yield the sheets, the rows in batches, and the end."""
    package = _package(content, request["unpacked_bytes"])
    size = sum(part.file_size for part in package.infolist()) if package else len(content)
    bound = min(request["memory_bytes"], _LEAST_MEMORY + _MEMORY_A_BYTE * size)
    yield {"bound": bound}
    _bound_memory(bound)
    book = _opened(content)
    sheets = _sheets(book)
    name = _chosen(book, sheets, request["sheet"])
    faults = count_faults(package, name) if package else {}
    yield {"sheets": sheets, "sheet": name, "faults": faults}
    rows: list[list[Any]] = []
    cells = 0
    for row in _rows(_sheet(book, name)):
        rows.append(row)
        cells += len(row)
        if len(rows) == _BATCH_ROWS or cells > _BATCH_CELLS:
            yield rows
            rows, cells = [], 0
    yield rows
    yield {"end": True}


def _sheets(book: CalamineWorkbook) -> list[tuple[str, bool]]:
    """Return the sheets, and whether each is hidden."""
    import python_calamine as calamine  # noqa: PLC0415 - see _opened

    shown = calamine.SheetVisibleEnum.Visible
    return [(meta.name, meta.visible != shown) for meta in book.sheets_metadata]


def _package(content: bytes, most_bytes: int) -> zipfile.ZipFile | None:
    """Return the zip that a workbook is, None if it is none; a bomb is refused."""
    if not content.startswith(b"PK"):
        return None
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise _Refused("the workbook is damaged: it is no whole zip file") from error
    parts = package.infolist()
    size = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or size > most_bytes:
        raise _Refused(
            f"the workbook unpacks to {size:,} bytes in {len(parts):,} parts, "
            f"more than {most_bytes:,} bytes or {_MOST_PARTS:,} parts",
            hint="save the sheet as a CSV file",
        )
    return package


def _opened(content: bytes) -> CalamineWorkbook:
    import python_calamine as calamine  # noqa: PLC0415 - within the bounds of this process only

    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        hint = "save it without a password"
        raise _Refused("the workbook is protected by a password", hint) from error
    except _native_errors() as error:
        raise _Refused(f"this is no workbook, or a damaged one: {_said(error)}") from error


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except _native_errors() as error:
        raise _Refused(f"the sheet {name!r} cannot be read: {_said(error)}") from error


def _native_errors() -> tuple[type[BaseException], ...]:
    """Return what the native library raises; a panic of it is no Exception, and has no name."""
    kinds = BaseException.__subclasses__()
    return (Exception, *(kind for kind in kinds if kind.__name__ == "PanicException"))


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _chosen(
    book: CalamineWorkbook, sheets: list[tuple[str, bool]], wanted: str | int | None
) -> str:
    """Return the name of the sheet to read: without a wish the first that is not hidden."""
    import python_calamine as calamine  # noqa: PLC0415 - see _opened

    grids = [m.name for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    if not grids:
        raise _Refused("the workbook holds no sheet with cells")
    hidden = {name for name, is_hidden in sheets if is_hidden}
    if wanted is None:
        return next((name for name in grids if name not in hidden), grids[0])
    if isinstance(wanted, str) and wanted in grids:
        return wanted
    index = wanted if isinstance(wanted, int) else _as_index(wanted)
    if index is not None and 0 <= index < len(sheets) and sheets[index][0] in grids:
        return sheets[index][0]
    listed = ", ".join(f"{name!r}{' (hidden)' * (name in hidden)}" for name in grids[:20])
    raise _Refused(f"the workbook has no sheet {wanted!r}", f"its sheets are {listed}")


def _as_index(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield the rows of a sheet from its first row and column on; one without cells is blank."""
    start = sheet.start
    if start is None:
        return
    before = [""] * start[1]
    for row in sheet.iter_rows():
        cells = before + [_plain(value) for value in row]
        yield [] if cells.count("") == len(cells) else cells


def _plain(value: Any) -> Any:
    """Return a cell; a float that is a whole number becomes one."""
    if type(value) is float and value.is_integer() and -_EXACT < value < _EXACT:
        return int(value)
    return value
