"""Where announced files lie: keys as senders write them, and the URLs that are fetched.

In every URL that is made here the path is percent-encoded; a local path is as it is.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, unquote_plus, urlsplit

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_STEP = re.compile(r"[/\\]")
_STORES = frozenset({"s3", "gs", "gcs", "az", "azure"})


def is_url(location: str) -> bool:
    """Say whether a location is an address and not a local path."""
    return bool(_URL.match(location))


def object_url(scheme: str, bucket: str, key: str) -> str:
    """Return the URL of an object.

    >>> object_url("s3", "in", "orders/May 1 #2.csv")
    's3://in/orders/May%201%20%232.csv'
    """
    return f"{scheme}://{quote(bucket, safe='')}/{encoded(key)}"


def encoded(path: str) -> str:
    """Return a path as it stands in a URL."""
    return quote(path, safe="/", errors="replace")


def decoded_key(key: str) -> str:
    """Return the key of an event notification: form-encoded there, a blank is a plus.

    >>> decoded_key("in/May+1%2B2.csv")
    'in/May 1+2.csv'
    """
    return unquote_plus(key)


def path_of(location: str) -> str:
    """Return the path in a location, decoded when it is a URL.

    >>> path_of("https://host/in/a%20b.csv?token=x"), path_of("/in/a%20b.csv")
    ('/in/a b.csv', '/in/a%20b.csv')
    """
    if not is_url(location):
        return location
    try:
        return unquote(urlsplit(location).path)
    except ValueError:  # brackets that are no address
        return location


def bucket_of(location: str) -> str | None:
    """Return the bucket or container of a location, None if it is in none."""
    if not is_url(location):
        return None
    try:
        split = urlsplit(location)
    except ValueError:  # brackets that are no address
        return None
    return unquote(split.netloc) if split.scheme.lower() in _STORES else None


def problem_of(location: str) -> str | None:
    """Return why nothing can be fetched from a location, None if nothing speaks against it."""
    if not location:
        return "the event does not tell where the file lies: give the hook a location"
    if _CONTROL.search(location):
        return "its location holds control characters, or is no Unicode"
    if not is_url(location):
        return "its location goes up with '..'" if ".." in _STEP.split(location) else None
    try:
        split = urlsplit(location)
        port_fits = split.port is None or split.port > 0
    except ValueError:
        return "its location is no URL"
    # Without a host, sftp:// means the server of the project's settings.
    has_host = bool(split.netloc) or split.scheme.lower() == "sftp"
    if not port_fits or not has_host or not split.path.strip("/"):
        return "its location is no URL of a file"
    if split.username is not None:
        return "its location holds a user: accounts are in the settings of the project"
    if ".." in _STEP.split(unquote(split.path)):
        return "its location goes up with '..'"
    return None
