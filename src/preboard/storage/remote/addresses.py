"""Addresses of files elsewhere, read and written: `s3://bucket/key`, `sftp://host:port/path`.

The path is percent-decoded once, as in every URL; `+` is a plus sign. What would mean another file
to another reader is refused: users in addresses, paths with `..`, queries where there are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from preboard.config.locations import OTHER_NAMES, PORTS, SCHEMES, climbs
from preboard.config.masking import masked_text
from preboard.config.names import shown
from preboard.errors import Refused

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file or folder is. `host` is a bucket or container for stores of objects.

    `path` is decoded and begins with `/`; `text` is the address as it was given.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    text: str

    @property
    def told(self) -> str:
        """Return the address as it may stand in a message: without secrets, quoted, cut."""
        return shown(masked_text(self.text), 200)

    @property
    def key(self) -> str:
        """Return the name of an object in its bucket."""
        return self.path[1:]

    @property
    def netloc(self) -> str:
        """Return host and port as they are written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (None, PORTS.get(self.scheme)) else f"{host}:{self.port}"


def address_of(text: str) -> Address:
    """Read an address.

    Raises:
        Refused: it is none, of a scheme that is not known, or could mean several things.

    >>> address_of("s3://acme-in/orders/a%20b.csv").key
    'orders/a b.csv'
    >>> address_of("azure://acme-in/a.csv").scheme, address_of("sftp://Host:2022/a").netloc
    ('az', 'host:2022')
    """
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    scheme = OTHER_NAMES.get(scheme, scheme)
    if scheme not in SCHEMES:
        raise _refused(text, "addresses begin with " + ", ".join(f"{one}://" for one in SCHEMES))
    if len(text) > LONGEST or _CONTROL.search(text):
        raise _refused(text, f"at most {LONGEST} characters, and none that can't be seen")
    return _of_object(scheme, text) if scheme not in PORTS else _of_host(scheme, text)


def object_address(scheme: str, bucket: str, key: str) -> str:
    """Return the address of an object whose name is known as it is.

    >>> object_address("s3", "acme-in", "a b/50%.csv")
    's3://acme-in/a%20b/50%25.csv'
    """
    return f"{scheme}://{bucket}/{quote(key, safe='/-_.~')}"


def _of_object(scheme: str, text: str) -> Address:
    bucket, _, written = text.partition("://")[2].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise _refused(text, f"{scheme}://BUCKET/KEY, without user, password and port")
    if "?" in written:
        raise _refused(text, "a question mark in a key is written %3F")
    return Address(scheme, bucket, None, f"/{_decoded(written, text)}", text)


def _of_host(scheme: str, text: str) -> Address:
    try:
        split = urlsplit(text)
        host, port = (split.hostname or "").lower(), split.port or PORTS[scheme]
    except ValueError as error:
        raise _refused(text, f"{scheme}://HOST:PORT/PATH") from error
    has_host = bool(host) or (scheme == "sftp" and not split.netloc)
    if not has_host or split.username is not None or "\\" in split.netloc:
        raise _refused(text, f"{scheme}://HOST/PATH, without user and password")
    if scheme != "sftp":
        return Address(scheme, host, port, unquote(split.path) or "/", text)
    written = text.partition("://")[2].partition("/")[2]
    if "?" in written:
        raise _refused(text, "a question mark in a path is written %3F")
    said = split.port  # without a host, the port is that of the settings, too
    return Address(scheme, host, port if host else said, f"/{_decoded(written, text)}", text)


def _decoded(written: str, text: str) -> str:
    try:
        path = unquote(written, errors="strict")
    except UnicodeDecodeError as error:
        raise _refused(text, "what is percent-encoded is UTF-8") from error
    if climbs(path) or _CONTROL.search(path):
        raise _refused(text, "no part of a path is . or .., and none has a backslash")
    return path


def _refused(text: str, hint: str) -> Refused:
    return Refused(f"{shown(masked_text(text), 200)} is no address to fetch from", hint=hint)
