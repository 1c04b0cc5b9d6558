"""Files over HTTP: from hosts that are allowed, with limits on size, time and redirects.

The rules are checked for each address on the way. A host that is not listed by name must resolve to
public addresses only: a server is no door to the network that it stands in.
"""

from __future__ import annotations

import ipaddress
import socket
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urljoin, urlsplit, urlunsplit

from preboard.clock import elapsed_s
from preboard.config.names import shown
from preboard.errors import InputError, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

    import httpx

MOST_BYTES = 5 << 30
_CHUNK = 1 << 16
_SPOOL = 8 << 20
_GONE = frozenset({404, 410})
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


@dataclass(frozen=True, slots=True)
class RemoteRules:
    """What may be fetched; `hosts` are names or patterns such as `*.example.com`.

    With no hosts every public one is allowed, at the address that was looked up.
    """

    hosts: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES
    timeout_s: float = 30
    """Seconds without a byte."""
    total_s: float = 3600
    redirects: int = 5


@contextmanager
def fetched(address: str, rules: RemoteRules) -> Iterator[BinaryIO]:
    """Fetch an address into a temporary file; gives it from its start.

    Raises:
        Refused: a host is not allowed, or the file is too large.
        NotFound: the server does not have it.
        InputError: it can't be fetched.
    """
    try:
        import httpx  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError(
            f"{shown(address)} can't be fetched", hint="pip install 'preboard[http]'"
        ) from error
    with (
        tempfile.SpooledTemporaryFile(max_size=_SPOOL, prefix="preboard-") as file,
        httpx.Client(timeout=rules.timeout_s, follow_redirects=False, trust_env=False) as client,
    ):
        try:
            _fetch(client, address, rules, cast("BinaryIO", file))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, ValueError) as error:
            said = str(error) or type(error).__name__
            raise InputError(f"{shown(address)} can't be fetched: {said}") from error
        file.seek(0)
        yield cast("BinaryIO", file)


def _fetch(client: httpx.Client, address: str, rules: RemoteRules, file: BinaryIO) -> None:
    began = elapsed_s()
    for _ in range(rules.redirects + 1):
        with closing(client.send(_request(client, address, rules), stream=True)) as answer:
            if answer.has_redirect_location:
                address = urljoin(address, answer.headers["location"])
                continue
            _check_status(address, answer.status_code)
            size = 0
            for chunk in answer.iter_bytes(_CHUNK):
                size += len(chunk)
                if size > rules.most_bytes:
                    raise Refused(f"{shown(address)} has more than {rules.most_bytes:,} bytes")
                if elapsed_s() - began > rules.total_s:
                    raise InputError(f"{shown(address)} took longer than {rules.total_s:g} s")
                file.write(chunk)
            return
    raise InputError(f"{shown(address)} redirects more than {rules.redirects} times")


def _request(client: httpx.Client, address: str, rules: RemoteRules) -> httpx.Request:
    """Return the request for an address, once it is checked.

    A host that is allowed for being public is asked at the very address that was looked at: another
    look-up could give another one.
    """
    split = urlsplit(address)
    host = _checked_host(split, address, rules)
    headers = {"accept-encoding": "identity"}  # the bytes are stored as they are
    if any(fnmatchcase(host, pattern.lower()) for pattern in rules.hosts):
        return client.build_request("GET", address, headers=headers)
    at = _public_address(split, host)
    port = f":{split.port}" if split.port else ""
    pinned = split._replace(netloc=f"[{at}]{port}" if ":" in at else f"{at}{port}")
    shown_host = f"[{host}]" if ":" in host else host
    return client.build_request(
        "GET",
        urlunsplit(pinned),
        headers={**headers, "host": f"{shown_host}{port}"},
        extensions={"sni_hostname": host},
    )


def _check_status(address: str, status: int) -> None:
    if status in _GONE:
        raise NotFound(f"{shown(address)} is not there: the server says {status}")
    if not 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
        raise InputError(f"{shown(address)} can't be fetched: the server says {status}")


def _checked_host(split: SplitResult, address: str, rules: RemoteRules) -> str:
    """Return the host of an address that may be asked, as far as its text tells."""
    host = (split.hostname or "").lower()
    if split.scheme.lower() not in ("http", "https") or not host or split.username is not None:
        raise Refused(
            f"{shown(address)} can't be registered",
            hint="http:// or https://, without user and password",
        )
    if rules.hosts and not any(fnmatchcase(host, pattern.lower()) for pattern in rules.hosts):
        raise _not_allowed(host)
    return host


def _not_allowed(host: str) -> Refused:
    return Refused(
        f"the host {shown(host)} is not allowed",
        hint="http_hosts in [inputs] of config.ini lists those that are",
    )


def _public_address(split: SplitResult, host: str) -> str:
    """Return an address of a host, all of whose addresses are public.

    Raises:
        Refused: one of them is of a private network, or of this computer.
        InputError: the host has none.
    """
    try:
        found = socket.getaddrinfo(host, split.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(f"the host {shown(host)} is not known") from error
    addresses = [str(place[4][0]) for place in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise _not_allowed(host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public network, whatever it is wrapped in.

    >>> is_public("93.184.216.34"), is_public("::ffff:10.0.0.1"), is_public("2002:7f00:1::")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
    return ip.is_global and not ip.is_multicast
