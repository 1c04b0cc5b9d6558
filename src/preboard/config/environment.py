"""What the process runs in: the only module that reads environment variables."""

from __future__ import annotations

import getpass
import os
import socket
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def environment() -> MutableMapping[str, str]:
    """Return the variables of the environment, live."""
    return os.environ  # noqa: TID251 - this is the place


@cache
def user_name() -> str:
    """Return the name of the operating system's user, `unknown` if it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@cache
def host_name() -> str:
    """Return the name of this host."""
    return socket.gethostname()
