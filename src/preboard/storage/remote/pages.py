"""The lists that stores give of their objects: one page asked for and read at a time.

S3 and Google answer alike, Azure in its own words. What they answer is XML from outside: it is read
without entities, and its size was limited before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

from preboard.clock import iso
from preboard.storage.remote.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

_AT_ONCE = "1000"
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class ObjectFound:
    """An object of a bucket."""

    key: str
    size: int
    told: Told


@dataclass(frozen=True, slots=True)
class Page:
    """How a page is asked for, and read: its objects, and what asks for the next one."""

    _query: Callable[[str, str, str], dict[str, str]]
    _objects: Callable[[Element], Iterator[ObjectFound]]
    _next: str

    def query(self, folder: str, marker: str, after: str, *, recurse: bool) -> dict[str, str]:
        """Return the query of a page: of a folder, behind a key, with its subfolders or not."""
        asked = {"prefix": folder, "delimiter": "" if recurse else "/"}
        return {key: value for key, value in asked.items() if value} | self._query(
            folder, marker, after
        )

    def read(self, body: bytes) -> tuple[list[ObjectFound], str]:
        """Return the objects of a page, and the marker of the next one, empty at the end.

        Raises:
            ValueError: it is no such page.
        """
        root = _element(body)
        return list(self._objects(root)), root.findtext(self._next) or ""


def _element(body: bytes) -> Element:
    """Return an answer as a tree, its names without namespaces."""
    text = _DECLARATION.sub("", body.decode("utf-8-sig"))
    if "<!" in text:
        raise ValueError("the store's answer has a declaration")
    try:
        root = ET.fromstring(text)  # noqa: S314 - there is no entity in it
    except ET.ParseError as error:
        raise ValueError(f"the store's answer is no list: {error}") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _s3_query(_folder: str, marker: str, after: str) -> dict[str, str]:
    asked = {"continuation-token": marker, "start-after": "" if marker else after}
    return {
        "list-type": "2",
        "max-keys": _AT_ONCE,
        "encoding-type": "url",  # keys may hold what XML can't
        **{key: value for key, value in asked.items() if value},
    }


def _s3_objects(root: Element) -> Iterator[ObjectFound]:
    is_encoded = root.findtext("EncodingType") == "url"
    for found in root.iterfind("Contents"):
        written = found.findtext("Key") or ""
        moment = datetime.fromisoformat(found.findtext("LastModified") or "")
        told = Told.of(etag=found.findtext("ETag") or "", modified=iso(moment))
        key = unquote_plus(written) if is_encoded else written
        yield ObjectFound(key, int(found.findtext("Size") or ""), told)


def _azure_query(_folder: str, marker: str, _after: str) -> dict[str, str]:
    asked = {"restype": "container", "comp": "list", "maxresults": _AT_ONCE}
    return {**asked, "marker": marker} if marker else asked


def _azure_objects(root: Element) -> Iterator[ObjectFound]:
    for found in root.iterfind("Blobs/Blob"):
        if found.findtext("Properties/ResourceType") == "directory":
            continue
        written = found.findtext("Properties/Last-Modified") or ""
        moment = parsedate_to_datetime(written).astimezone(UTC)
        told = Told.of(etag=found.findtext("Properties/Etag") or "", modified=iso(moment))
        size = int(found.findtext("Properties/Content-Length") or "")
        yield ObjectFound(found.findtext("Name") or "", size, told)


_LIKE_S3 = Page(_s3_query, _s3_objects, "NextContinuationToken")
PAGES = {
    "s3": _LIKE_S3,
    "gs": _LIKE_S3,
    "az": Page(_azure_query, _azure_objects, "NextMarker"),
}
