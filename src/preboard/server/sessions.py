"""Sessions of browsers: a cookie that says whose key opened the page, signed and short-lived.

The cookie holds the id of a key, never its secret. What signs it is known to the server alone, and
the key's own hash goes into it: when a key is rotated, revoked or expires, its sessions end. One
that is left ends for all processes, as the catalog says. It opens what only reads, and the browser
sends it to no page of others.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from preboard.clock import iso
from preboard.storage.local import put_new

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from preboard.catalog.service.keys import Key, Keys
    from preboard.catalog.service.sessions import EndedSessions

COOKIE = "preboard_session"
LASTS_S = 8 * 60 * 60
_SECRET_FILE = "session.secret"  # noqa: S105 - its name
_SECRET_BYTES = 32
_ID_BYTES = 16
_COOKIE = re.compile(r"([a-z0-9]{8})\.([0-9]{10})\.([0-9a-f]{32})\.([0-9a-f]{64})")


class Sessions:
    """The sessions of a home: they outlive a start of the server."""

    def __init__(self, home: Path, ended: EndedSessions) -> None:
        self._secret = _secret(home / _SECRET_FILE)
        self._ended = ended

    def cookie_for(self, key: Key, now: datetime) -> str:
        """Return the cookie of a session that begins now."""
        until = f"{int(now.timestamp()) + LASTS_S:010d}"
        session = secrets.token_hex(_ID_BYTES)
        return f"{key.id}.{until}.{session}.{self._signature(key, until, session)}"

    def key_of(self, cookie: str, keys: Keys, now: datetime) -> Key | None:
        """Return the key whose session this is, None if it is none, or has ended."""
        found = self._found(cookie, keys, now)
        return None if found is None else found[0]

    def end(self, cookie: str, keys: Keys, now: datetime) -> Key | None:
        """End a session; returns the key whose session it was, None if it was none."""
        found = self._found(cookie, keys, now)
        if found is None:
            return None
        key, session = found
        self._ended.add(session, iso(now + timedelta(seconds=LASTS_S)), iso(now))
        return key

    def _found(self, cookie: str, keys: Keys, now: datetime) -> tuple[Key, str] | None:
        """Return the key and the id of a session that goes on."""
        found = _COOKIE.fullmatch(cookie)
        if found is None or int(found[2]) <= now.timestamp():
            return None
        public_id, until, session, signature = found.groups()
        key = keys.by_public_id(public_id)
        if key is None or not hmac.compare_digest(signature, self._signature(key, until, session)):
            return None
        return None if self._ended.has(session) else (key, session)

    def _signature(self, key: Key, until: str, session: str) -> str:
        text = f"{key.id}.{until}.{session}.{key.hash}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()


def _secret(path: Path) -> bytes:
    """Return what signs; whoever is first makes it."""
    if not path.exists():
        new = path.with_name(f".{secrets.token_hex(8)}.part")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(_SECRET_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        put_new(new, path)  # whoever comes second takes the first one's
        new.unlink(missing_ok=True)
    return path.read_bytes()
