"""Settings as they may be shown: secrets and the passwords of URLs are masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preboard.config.settings import Settings

MASK = "********"
_SECRET = re.compile(
    r"passw|passphrase|secret|token|api_key|webhook|credential|access_key|account_key|private_key"
    r"|service_account|connection_string",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"([?&;][^=&;\s]*(?:passw|secret|token|key|credential|signature|sig)[^=&;\s]*=)[^&;\s'\"]+",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]*@")


def shown_sections(settings: Settings) -> dict[str, dict[str, str]]:
    """Return every section of config.ini, variables filled in, secrets masked."""
    return {
        name: {key: masked(key, value) for key, value in section.items()}
        for name, section in settings.sections.items()
    }


def masked(key: str, value: str) -> str:
    """Return a value as it may be shown.

    >>> masked("password", "x"), masked("url", "postgresql://me:pw@host/db")
    ('********', 'postgresql://me:********@host/db')
    """
    if value and _SECRET.search(key):
        return MASK
    return _LOGIN.sub(rf"\1:{MASK}@", value)


def masked_text(text: str) -> str:
    """Return a text with the passwords of its URLs masked, and secrets in their queries.

    >>> masked_text("https://u:pw@host/f.csv?a=1&api_key=xyz failed")
    'https://u:********@host/f.csv?a=1&api_key=******** failed'
    """
    return _QUERY.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1:{MASK}@", text))
