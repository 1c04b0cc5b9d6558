"""What a project lists in `remote_locations`: where its files may be fetched from.

In: an entry such as `s3://acme-in/*` or `sftp://sftp.example.com:2022/orders/`. Out: `Location`,
which says whether it covers an address. Scheme, host and port are compared each for itself, so
that no path can pass for a host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from preboard.config.names import shown
from preboard.errors import ConfigError

PORTS = {"http": 80, "https": 443, "sftp": 22}
"""Schemes whose addresses name a host, with the port that is meant when none is said."""
OTHER_NAMES = {"gcs": "gs", "azure": "az"}
"""Schemes that the reference writes otherwise (spec/framework.md 7)."""
SCHEMES = (*PORTS, "s3", "gs", "az")

_WRITTEN = re.compile(
    r"(?P<scheme>[A-Za-z0-9]+)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:@?#\s]+)"
    r"(?::(?P<port>[0-9]{1,5}|\*))?(?P<path>/.*)?"
)
_WHOLE = frozenset({"", "/", "/*", "/**"})


@dataclass(frozen=True, slots=True)
class Location:
    """Addresses of one scheme; `host` (or bucket) and `path` are patterns, `port` None is any."""

    scheme: str
    host: str
    port: int | None
    path: str

    def covers(self, scheme: str, host: str, port: int | None, path: str) -> bool:
        """Say whether an address is one of these; its path is decoded and begins with `/`.

        A path that climbs is covered only by what covers all of its host.
        """
        if (scheme, True) != (self.scheme, fnmatchcase(host, self.host)):
            return False
        if self.port is not None and port != self.port:
            return False
        if self.path in _WHOLE:
            return True
        if climbs(path):
            return False
        below = f"{self.path.rstrip('/')}/"
        return fnmatchcase(path, self.path) or ("*" not in self.path and path.startswith(below))


def location(text: str) -> Location:
    """Read an entry.

    Raises:
        ConfigError: it is none.

    >>> location("s3://acme-in/orders/*").covers("s3", "acme-in", None, "/orders/eu/a.csv")
    True
    >>> location("sftp://files.example.com").covers("sftp", "files.example.com", 2022, "/a.csv")
    False
    """
    found = _WRITTEN.fullmatch(text)
    scheme = found["scheme"].lower() if found else ""
    scheme = OTHER_NAMES.get(scheme, scheme)
    if found is None or scheme not in SCHEMES or climbs(found["path"] or ""):
        raise ConfigError(
            f"[inputs] remote_locations has {shown(text, 200)}",
            hint="such as s3://acme-in/*, sftp://sftp.example.com:2022/orders/*, "
            "https://files.example.com/*; schemes are " + ", ".join(SCHEMES),
        )
    host, port = found["host"], found["port"]
    if scheme not in PORTS:
        if port is not None:
            raise ConfigError(
                f"[inputs] remote_locations has {shown(text, 200)}, a bucket with a port",
                hint="the address of the store is AWS_ENDPOINT_URL",
            )
        return Location(scheme, host, None, found["path"] or "")
    said = None if port == "*" else int(port) if port else PORTS[scheme]
    return Location(scheme, host.lower().strip("[]"), said, found["path"] or "")


def climbs(path: str) -> bool:
    """Say whether a path holds `.` or `..` as a part, or what some servers take for a separator.

    >>> climbs("/orders/../secret"), climbs("/orders/a..b.csv")
    (True, False)
    """
    return "\\" in path or "\0" in path or any(part in (".", "..") for part in path.split("/"))
