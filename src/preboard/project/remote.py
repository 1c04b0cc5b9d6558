"""What a project may fetch from elsewhere, and with which credentials: its settings, as rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.config.credentials import Credentials
from preboard.storage.remote.rules import MOST_BYTES, RemoteRules

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.config.settings import Settings


def remote_rules(settings: Settings, private_hosts: tuple[str, ...] | None) -> RemoteRules:
    """Return what may be fetched.

    `private_hosts` are those of a server that keeps the project: what the project's own settings
    say of private networks counts only without one, when who runs it is who wrote them.
    """
    inputs = settings.inputs
    if private_hosts is None:
        private_hosts = (*inputs.private_hosts, *inputs.http_hosts)
    return RemoteRules(
        locations=inputs.remote_locations,
        web=inputs.allows_http,
        hosts=inputs.http_hosts,
        private_hosts=private_hosts,
        most_bytes=inputs.most_bytes or MOST_BYTES,
    )


def remote_credentials(root: Path, settings: Settings) -> Credentials:
    """Return the credentials that the settings of the project in a directory hold."""
    return Credentials(root, settings.credentials)
