"""What may be fetched from elsewhere, how much of it, and how long that may take."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.errors import Refused

if TYPE_CHECKING:
    from preboard.config.locations import Location
    from preboard.storage.remote.addresses import Address

MOST_BYTES = 5 << 30
MOST_LISTED = 10_000
WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class RemoteRules:
    """What a project may fetch; all of it is checked for each address on the way.

    `locations` are allowed as they are listed. `web`: files over HTTP from `hosts`, names or
    patterns such as `*.example.com`, and from every public host if there are none.
    """

    locations: tuple[Location, ...] = ()
    web: bool = False
    hosts: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()
    """Names, patterns of them, and networks such as 10.1.0.0/16 that may be asked although they
    are of a private network. Who runs the program says so; others are asked only when public."""
    most_bytes: int = MOST_BYTES
    most_listed: int = MOST_LISTED
    connect_s: float = 10
    timeout_s: float = 30
    """Seconds without a byte."""
    total_s: float = 3600
    redirects: int = 5

    def check(self, address: Address) -> None:
        """See that an address may be fetched.

        Raises:
            Refused: it may not.
        """
        if self.lists(address.scheme, address.host, address.port, address.path):
            return
        if address.scheme not in WEB:
            raise Refused(
                f"{address.told} can't be fetched: the project does not list it",
                hint="remote_locations in [inputs] of config.ini, such as "
                f"{address.scheme}://{address.netloc}/*",
            )
        if not self.web and not any(one.scheme in WEB for one in self.locations):
            raise Refused(
                f"{address.told} can't be registered: loading files over HTTP is not allowed",
                hint="remote_locations in [inputs] of config.ini lists what may be fetched, "
                "allow_http_files takes all",
            )
        if not self.web:
            raise Refused(
                f"{address.told} can't be fetched: the project does not list it",
                hint="remote_locations in [inputs] of config.ini lists what may be fetched",
            )
        if self.hosts and not any(fnmatchcase(address.host, one.lower()) for one in self.hosts):
            raise host_refused(address.host, "http_hosts in [inputs] of config.ini lists those")

    def lists(self, scheme: str, host: str, port: int | None, path: str) -> bool:
        """Say whether one of the locations covers an address."""
        return any(one.covers(scheme, host, port, path) for one in self.locations)


def host_refused(host: str, hint: str) -> Refused:
    """Return the error of a host that may not be asked."""
    return Refused(f"the host {shown(host)} is not allowed", hint=f"{hint} that are")
