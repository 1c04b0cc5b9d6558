"""Which computers may be asked: public ones, and private ones that are listed.

A server is no door to the network that it stands in. A name is looked up once, and the connection
goes to an address that was looked at: another look-up could give another one.
"""

from __future__ import annotations

import ipaddress
import socket
from fnmatch import fnmatchcase
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.errors import InputError
from preboard.storage.remote.rules import host_refused

if TYPE_CHECKING:
    from preboard.storage.remote.rules import RemoteRules

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


def addresses_to_ask(host: str, port: int, rules: RemoteRules) -> list[str]:
    """Return the IP addresses of a host, all of which may be asked.

    Raises:
        Refused: one of them is of a private network, or of this computer.
        InputError: the host has none, or that is not known in time.
    """
    found = _looked_up(host, port, rules.connect_s)
    if may_be_private(host, rules):
        return found
    if not all(is_public(one) or may_be_private(one, rules) for one in found):
        raise host_refused(host, "private_hosts lists those of private networks")
    return found


def may_be_private(host: str, rules: RemoteRules) -> bool:
    """Say whether a host, or an IP address, is listed among those that may be private."""
    return any(
        fnmatchcase(host.lower(), one.lower()) or _lies_in(host, one) for one in rules.private_hosts
    )


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


def _looked_up(host: str, port: int, within_s: float) -> list[str]:
    """Return the addresses of a host; the system's look-up knows no time limit of its own."""
    answer: Queue[list[str] | Exception] = Queue()

    def look_up() -> None:
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(place[4][0]) for place in places)))
        except (OSError, UnicodeError, ValueError) as error:
            answer.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        found = answer.get(timeout=within_s)
    except Empty:
        found = TimeoutError()
    if isinstance(found, Exception) or not found:
        cause = found if isinstance(found, Exception) else None
        raise InputError(f"the host {shown(host)} is not known") from cause
    return found


def _lies_in(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]) in ipaddress.ip_network(network)
    except ValueError:  # one of them is a name
        return False
