"""Cells of an xlsx workbook that read as empty though they are not.

A cell with an error (`#REF!`, `#DIV/0!`) and a formula that no program has computed yet come
without a value. They are counted in the XML of the sheet, so that a report can say it.
"""

from __future__ import annotations

import html
import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zipfile

_CHUNK = 1 << 20
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_NAMED = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ERROR = re.compile(rb"""\st=["']e["']""")
_NOT_COMPUTED = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>|<f[^>]*/></c>")


def count_faults(package: zipfile.ZipFile, sheet: str) -> dict[str, int]:
    """Return how many cells hold an error, and how many a formula without a value."""
    try:
        part = _part_of(package, sheet)
        return _counted(package, part) if part else {}
    except Exception:  # noqa: BLE001 - a damaged part is told by the one who reads the cells
        return {}


def _part_of(package: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the part of the package that a sheet is, None where this is no xlsx."""
    if "xl/workbook.xml" not in package.namelist():
        return None
    identity = next(
        (
            value
            for found in map(_attributes, _SHEET.findall(_text(package, "xl/workbook.xml")))
            if html.unescape(found.get("name", "")) == sheet
            for name, value in found.items()
            if name.endswith(":id")
        ),
        None,
    )
    relations = _RELATION.findall(_text(package, "xl/_rels/workbook.xml.rels"))
    targets = {found.get("Id"): found.get("Target", "") for found in map(_attributes, relations)}
    target = targets.get(identity)
    return posixpath.normpath(posixpath.join("/xl", target))[1:] if target else None


def _text(package: zipfile.ZipFile, part: str) -> str:
    with package.open(part) as file:
        return file.read(_CHUNK * 16).decode("utf-8", "replace")


def _attributes(tag: str) -> dict[str, str]:
    return {name: one or other for name, one, other in _NAMED.findall(tag)}


def _counted(package: zipfile.ZipFile, part: str) -> dict[str, int]:
    errors = formulas = 0
    tail = b""
    with package.open(part) as file:
        while chunk := file.read(_CHUNK):
            data = tail + chunk
            cut = data.rfind(b"</c>") + len(b"</c>") if b"</c>" in data else 0
            if not cut and len(data) > _CHUNK * 16:
                break
            head, tail = data[:cut], data[cut:]
            errors += len(_ERROR.findall(head))
            formulas += len(_NOT_COMPUTED.findall(head))
    return {"errors": errors, "formulas": formulas}
