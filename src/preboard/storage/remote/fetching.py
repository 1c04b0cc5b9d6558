"""A file from elsewhere, whatever its address begins with."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from preboard.storage.remote.addresses import address_of
from preboard.storage.remote.http import fetch_page
from preboard.storage.remote.objects import fetch_object
from preboard.storage.remote.rules import WEB
from preboard.storage.remote.sftp import fetch_file
from preboard.storage.remote.told import Fetched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from preboard.config.credentials import Credentials
    from preboard.storage.remote.rules import RemoteRules

_SPOOL = 8 << 20
"""Bytes from which a file lies on disk while it is on its way, and not in memory."""


@contextmanager
def fetched(address: str, rules: RemoteRules, credentials: Credentials) -> Iterator[Fetched]:
    """Fetch what an address leads to into a temporary file; gives it from its start.

    Raises:
        Refused: the address may not be fetched, or the file is too large.
        NotFound: the other side does not have it.
        InputError: it can't be fetched.
        ConfigError: the project's credentials can't be.
    """
    where = address_of(address)
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL, prefix="preboard-") as spool:
        file = cast("BinaryIO", spool)
        if where.scheme in WEB:
            told = fetch_page(address, rules, file)
        elif where.scheme == "sftp":
            told = fetch_file(where, rules, credentials, file)
        else:
            told = fetch_object(where, rules, credentials, file)
        file.seek(0)
        yield Fetched(file, told)
