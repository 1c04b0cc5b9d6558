"""Pages of lists: `limit`, and a cursor that a client hands back as it got it.

A cursor is the key of the last item of a page, so a page is found without counting, and what is
added in between is neither skipped nor shown twice. It is checked as all that comes from outside.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field

from preboard.server.faults import RequestError

MOST = 1000
_LONGEST_CURSOR = 6000
"""Characters: the path of a file, which has at most 4,096 bytes, in base64."""

LimitQuery = Annotated[
    int, Query(ge=1, le=MOST, description="How many items at most.", examples=[100])
]
AllQuery = Annotated[int | None, Query(ge=1, le=MOST, description="Without one: all.")]
CursorQuery = Annotated[
    str | None,
    Query(
        max_length=_LONGEST_CURSOR,
        min_length=4,
        pattern=r"^[A-Za-z0-9_=-]+$",
        description="`next_cursor` of the page before.",
    ),
]

Total = Annotated[int, Field(description="How many there are on all pages.", examples=[2])]


def cursor_of(*key: str | int) -> str:
    """Return the cursor behind an item with this key.

    >>> key_of(cursor_of("2026-11-21", 7), str, int)
    ('2026-11-21', 7)
    """
    told = json.dumps(key, ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def key_of(cursor: str, *kinds: type[str | int]) -> tuple[str | int, ...]:
    """Return the key in a cursor, whose parts are of these kinds.

    Raises:
        RequestError: it is no cursor of this list.
    """
    key = _key(cursor, kinds)
    if any(isinstance(part, int) and abs(part) >= 2**63 for part in key):
        raise _no_cursor()
    if any(isinstance(part, str) and ("\0" in part or not part.isascii()) for part in key):
        raise _no_cursor()
    return key


def text_of(cursor: str | None) -> str:
    """Return the text in a cursor of a list that is ordered by any texts, "" without a cursor.

    Raises:
        RequestError: it is no cursor of this list.

    >>> text_of(cursor_of("docs/Größe.txt"))
    'docs/Größe.txt'
    """
    return str(_key(cursor, (str,))[0]) if cursor is not None else ""


def _key(cursor: str, kinds: Sequence[type[str | int]]) -> tuple[str | int, ...]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_cursor() from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise _no_cursor()
    return tuple(key)


def place_of(cursor: str | None) -> int | None:
    """Return the place in a cursor of a list that is ordered by numbers, None without a cursor.

    Raises:
        RequestError: it is no cursor of this list.
    """
    if cursor is None:
        return None
    place = key_of(cursor, int)[0]
    assert isinstance(place, int)  # noqa: S101 - what was asked for
    return place


def _no_cursor() -> RequestError:
    return RequestError(
        "the cursor is none of this list", hint="hand back next_cursor as it was, or leave it out"
    )
