r"""The cases of dirty files: read them, make the file, say what came of it.

A case is one JSON object a line of a kind, `KIND.jsonl` in this folder:

- `id`, `why` (what a user wants, in a sentence), `name` (what the file is called);
- the file: `text` (in `encoding`, utf-8 without), `bytes` (each character a byte), `parts` (pairs
  of a text and how often it comes), `sheets` (of a workbook: pairs of a name and rows, or `hidden`
  third), `columns` (of a Parquet file) or `members` (of a zip archive: texts by name);
- what happened to it: `pack` (gzip, bz2, xz, zstd, zip; several in turn), then `cut` (bytes that
  are left; negative: that are missing), `flip` (the offset of a damaged byte), `behind` (bytes
  that follow);
- `options` of `preboard.validate`; `limits` of `preboard.Limits`;
- `expect`: what comes out, read from the path; only what is there is compared (see `outcome`);
- `pipe`: what is different when the same bytes come through a pipe, null where a pipe is not asked.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

import preboard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent
_REPORT = frozenset({"headers", "lines", "records", "findings", "told", "dialect"})
_ERROR = frozenset({"error", "hint", "line", "byte_offset"})
_FILE = frozenset({"text", "encoding", "bytes", "parts", "sheets", "columns", "members"})
_KEYS = frozenset({
    "id", "why", "name", "pack", "cut", "flip", "behind", "options", "limits", "expect", "pipe",
}) | _FILE  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One dirty file and what is to come of it, from a path and from a pipe."""

    kind: str
    said: Mapping[str, Any]
    expect: Mapping[str, Any]
    in_pipe: bool = False

    @property
    def id(self) -> str:
        """Return what the case is called in a test report."""
        return f"{self.kind}.{self.said['id']}{' (pipe)' * self.in_pipe}"

    def run(self, folder: Path) -> dict[str, Any]:
        """Read the file and return what came out."""
        data = made(self.said)
        options = dict(self.said.get("options", {}))
        if "limits" in self.said:
            options["limits"] = preboard.Limits(**self.said["limits"])
        path = folder / self.said["name"]
        if self.in_pipe:
            source: Any = Pipe(data)
            source.name = str(path)
        else:
            path.write_bytes(data)
            source = path
        try:
            report = preboard.validate("$[*][ yes() ]", source, **options)
        except preboard.PreboardError as error:
            return _error(error)
        return outcome(report)


class Pipe(io.RawIOBase):
    """A source that cannot go back and gives its bytes in crumbs."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.name = ""
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give up to 700 bytes."""
        return self._data.readinto(memoryview(buffer)[:700])


def outcome(report: preboard.Report) -> dict[str, Any]:
    """Return what a report says: `told` are the messages of its findings, in one text."""
    return {
        "headers": report.headers,
        "lines": json.loads(json.dumps(report.lines, default=str)),
        "records": report.counts.lines,
        "findings": [found.code for found in report.findings],
        "told": " / ".join(f"{f.message} ({f.hint})" for f in report.findings),
        "dialect": {name: getattr(report.dialect, name) for name in report.dialect.__slots__},
    }


def _error(error: preboard.PreboardError) -> dict[str, Any]:
    return {
        "error": f"{error.code}: {error.message}",
        "hint": error.hint or "",
        "line": getattr(error, "line", None),
        "byte_offset": getattr(error, "byte_offset", None),
    }


def differences(expect: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return in what an outcome is not as expected; of messages the expected part must be there."""
    wrong = []
    for name, wanted in expect.items():
        given = found.get(name, "nothing of the kind")
        if name in ("told", "error", "hint"):
            parts = [wanted] if isinstance(wanted, str) else wanted
            same = all(part in given for part in parts)
        elif name == "dialect" and isinstance(given, dict):
            given = {key: given[key] for key in wanted}
            same = given == wanted
        else:
            same = given == wanted
        if not same:
            wrong.append(f"{name} is {given!r}, not {wanted!r} {found.get('error', '')}")
    return wrong


def load() -> list[Case]:
    """Return the cases of all kinds."""
    found = []
    for path in sorted(HERE.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            check(said)
            found.append(Case(path.stem, said, said["expect"]))
            other = said.get("pipe", {})
            if other is not None:
                found.append(Case(path.stem, said, other or said["expect"], in_pipe=True))
    return found


def check(said: Mapping[str, Any]) -> None:
    """Refuse a case that compares nothing, or says what nobody reads."""
    unknown = said.keys() - _KEYS
    if unknown or not said["why"] or len(said.keys() & (_FILE - {"encoding"})) != 1:
        raise ValueError(f"{said['id']}: {unknown or 'no why, or not one file'}")
    for expect in (said["expect"], said.get("pipe") or said["expect"]):
        fits = expect.keys() <= _REPORT or expect.keys() <= _ERROR
        if not expect or not fits:
            raise ValueError(f"{said['id']}: expects {sorted(expect)}")


def made(said: Mapping[str, Any]) -> bytes:
    """Return the bytes of a case's file."""
    data = _content(said)
    for pack in [said["pack"]] if isinstance(said.get("pack"), str) else said.get("pack", []):
        data = _PACKERS[pack](data)
    if "cut" in said:
        data = data[: said["cut"]]
    if "flip" in said:
        at = said["flip"] % len(data)
        data = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
    return data + said.get("behind", "").encode("latin-1")


def _content(said: Mapping[str, Any]) -> bytes:
    encoding = said.get("encoding", "utf-8")
    if "bytes" in said:
        return str(said["bytes"]).encode("latin-1")
    if "text" in said:
        return str(said["text"]).encode(encoding)
    if "parts" in said:
        return "".join(text * times for text, times in said["parts"]).encode(encoding)
    if "columns" in said:
        out = io.BytesIO()
        pq.write_table(pa.table(said["columns"]), out)
        return out.getvalue()
    if "sheets" in said:
        return _workbook(said["sheets"])
    return _zipped(said["members"])


def _workbook(sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows, *state in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state[0] if state else "visible"
        for row in rows:
            sheet.append([_cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Return a cell; {"date": "2024-01-31"} is a date."""
    if isinstance(value, dict):
        return date.fromisoformat(value["date"])
    return value


def _zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
    "zip": lambda data: _zipped({"orders.csv": data}),
}
