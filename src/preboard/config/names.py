"""One rule for the names of named-files and named-paths groups (spec/framework.md 1.1, 1.2).

A name is a directory and stands in references: what a reference can't address is refused, which
keeps out separators, dots and control characters with it.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from preboard.errors import NameRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_NAME = 128
LONGEST_IDENTITY = 200
"""In bytes, since it names a directory."""
RESERVED = frozenset({"_extra_data"})
"""What lies beside the directories of the statements of a run."""

_NAME = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_ -]*[A-Za-z0-9_-])?")
_PROJECT_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ._-]{{0,{LONGEST_NAME - 1}}}")
# Separators, control characters, and what ends in a dot or blank, which some systems cut off.
_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f-\x9f]|[. ]$")
# A directory beside files of fixed names; references hold it between dots and pointers.
_IDENTITY = re.compile(r"[^\W](?:[\w -]*[\w-])?")


def checked_name(name: str, what: str) -> str:
    """Return the name if it may be one; `what` says of what, for the message.

    Raises:
        NameRefused: no reference could address it, or it is too long.

    >>> checked_name("orders eu-2", "named-file")
    'orders eu-2'
    >>> checked_name("../etc", "named-file")
    Traceback (most recent call last):
    preboard.errors.NameRefused: '../etc' can't be the name of a named-file
    """
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return name
    raise NameRefused(
        f"{shown(name)} can't be the name of a {what}",
        hint="a name begins with a letter or _ and goes on with letters, digits, _, - and blanks, "
        f"{LONGEST_NAME} characters at most",
    )


def checked_server_name(name: str, what: str = "project") -> str:
    """Return the name if `what` a server keeps under it may have it (spec/server.md 16.5).

    Raises:
        NameRefused: it is empty, too long, or could be taken for a path.

    >>> checked_server_name("acme 2026.1")
    'acme 2026.1'
    >>> checked_server_name("../../evil")
    Traceback (most recent call last):
    preboard.errors.NameRefused: '../../evil' can't be the name of a project
    """
    if _PROJECT_NAME.fullmatch(name) and ".." not in name and not name.endswith((".", " ")):
        return name
    raise NameRefused(
        f"{shown(name)} can't be the name of a {what}",
        hint="a name begins with a letter or a digit and goes on with letters, digits, blanks and "
        f"._-, {LONGEST_NAME} characters at most",
    )


def checked_identity(identity: str) -> str:
    """Return the identity of a csvpath if it can name a directory and stand in a reference.

    Raises:
        NameRefused: it holds a separator or a dot, is reserved, or is too long.
    """
    fits = len(identity.encode(errors="replace")) <= LONGEST_IDENTITY
    if fits and identity.casefold() not in RESERVED and _IDENTITY.fullmatch(identity):
        return identity
    raise NameRefused(
        f"{shown(identity)} can't be the identity of a csvpath",
        hint="letters, digits, _, - and blanks: the identity names a directory of results",
    )


def can_name_a_file(text: str, most_bytes: int) -> bool:
    """Say whether a text from outside can be one part of a path, on every system.

    >>> can_name_a_file("orders eu.csv", 200), can_name_a_file("..", 200)
    (True, False)
    """
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # what is no UTF-8 can't be told in a document
        return False
    return 0 < len(encoded) <= most_bytes and not _UNFIT.search(text)


def storable(text: str) -> str:
    r"""Return a text from outside as every store can hold it: what is no UTF-8 is escaped.

    >>> storable("caf\udce9.csv")
    'caf\\udce9.csv'
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def did_you_mean(name: str, names: Sequence[str]) -> str | None:
    """Return a hint to the nearest of some names, None if none is near.

    >>> did_you_mean("order", ["orders", "checks"])
    'did you mean orders?'
    """
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else None


def shown(text: str, most: int = 60) -> str:
    """Return a text from outside as it may stand in a message: quoted, escaped, cut."""
    return repr(text if len(text) <= most else text[: most - 3] + "...")
