"""Files over HTTP, with limits on size, time and redirects.

The rules are checked for each address on the way, by its text here and by the place that it leads
to in `transport`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

from preboard.clock import iso
from preboard.config.masking import masked_text
from preboard.config.names import shown
from preboard.errors import InputError, NotFound, Refused
from preboard.storage.remote.addresses import address_of
from preboard.storage.remote.told import Told, extra_needed

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from preboard.storage.remote.rules import RemoteRules

_GONE = frozenset({404, 410})
_IDENTITY = {"accept-encoding": "identity"}  # the bytes are stored as they are
_MOST_OF_AN_ERROR = 4_096


@dataclass(frozen=True, slots=True)
class Download:
    """What is asked for, and who says if it may be: `check` is called with each address.

    `name` stands for the address in messages, where that is signed; `refusal` tells what an answer
    that is no file means, from its status, headers and the begin of its body. `as_sent` leaves
    packed bytes packed.
    """

    url: str
    check: Callable[[str], object]
    name: str = ""
    refusal: Callable[[int, httpx.Headers, bytes], Exception] | None = None
    redirects: int = 0
    as_sent: bool = False
    extra: str = "http"
    """What is to be installed where the library is missing that asks."""


def fetch_page(address: str, rules: RemoteRules, file: BinaryIO) -> Told:
    """Fetch what a web address leads to.

    Raises:
        Refused: an address is not allowed, or the file is too large.
        NotFound: the server does not have it.
        InputError: it can't be fetched.
    """

    def check(url: str) -> None:
        read = address_of(url)
        if read.scheme not in ("http", "https"):
            raise Refused(f"{read.told} can't be registered", hint="a redirect leads there")
        rules.check(read)

    return download(Download(address, check, redirects=rules.redirects), rules, file)


def download(what: Download, rules: RemoteRules, file: BinaryIO) -> Told:
    """Write the file that an address leads to, and return what is told of it.

    Raises:
        Refused, NotFound, InputError: as `fetch_page`.
    """
    if what.url.isascii():  # it is as it will be sent, but for parts of its path
        what.check(what.url)
    name = what.name or shown(masked_text(what.url), 200)
    try:
        import httpx  # noqa: PLC0415 - an extra

        from preboard.storage.remote.transport import Deadline, Transport  # noqa: PLC0415
    except ImportError as error:
        raise extra_needed(name, what.extra) from error
    timeout = httpx.Timeout(rules.timeout_s, connect=min(rules.connect_s, rules.timeout_s))
    deadline = Deadline(rules, name)
    with httpx.Client(
        transport=Transport(rules, deadline),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        try:
            return _download(client, what, rules, file)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, ValueError) as error:
            said = str(error) or type(error).__name__
            raise InputError(f"{name} can't be fetched: {masked_text(said)}") from error


def _download(client: httpx.Client, what: Download, rules: RemoteRules, file: BinaryIO) -> Told:
    url = what.url
    name = what.name or shown(masked_text(url), 200)
    for hop in range(what.redirects + 1):
        if hop:
            name = what.name or shown(masked_text(url), 200)
        request = client.build_request("GET", url, headers=_IDENTITY)
        what.check(str(request.url))  # as it is sent: two readers of one text may differ
        with closing(client.send(request, stream=True)) as answer:
            if answer.has_redirect_location and what.redirects:
                url = urljoin(url, answer.headers["location"])
                continue
            if not 200 <= answer.status_code < 300:  # noqa: PLR2004 - RFC 9110, 15.3
                raise _refusal(what, name, answer)
            _write(answer, what, rules, file, name)
            return told_by(answer.headers)
    raise InputError(f"{name} redirects more than {what.redirects} times")


def _write(
    answer: httpx.Response, what: Download, rules: RemoteRules, file: BinaryIO, name: str
) -> None:
    too_large = Refused(
        f"{name} has more than {rules.most_bytes:,} bytes",
        hint="max_file_bytes in [inputs] of config.ini",
    )
    promised = answer.headers.get("content-length", "")
    if promised.isascii() and promised.isdigit() and int(promised[:20]) > rules.most_bytes:
        raise too_large
    size = 0
    for chunk in answer.iter_raw() if what.as_sent else answer.iter_bytes():
        size += len(chunk)
        if size > rules.most_bytes:
            raise too_large
        file.write(chunk)


def _refusal(what: Download, name: str, answer: httpx.Response) -> Exception:
    """Return the error of an answer that is no file."""
    if what.refusal is not None:
        body = b""
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) >= _MOST_OF_AN_ERROR:
                break
        return what.refusal(answer.status_code, answer.headers, body[:_MOST_OF_AN_ERROR])
    if answer.status_code in _GONE:
        return NotFound(f"{name} is not there: the server says {answer.status_code}")
    return InputError(f"{name} can't be fetched: the server says {answer.status_code}")


def told_by(headers: httpx.Headers) -> Told:
    """Return what the head of an answer says of a file."""
    version = headers.get("x-amz-version-id") or headers.get("x-goog-generation")
    return Told.of(
        etag=headers.get("etag", ""),
        version=version or headers.get("x-ms-version-id", ""),
        modified=_moment(headers.get("last-modified", "")),
    )


def _moment(text: str) -> str:
    """Return a date of HTTP as documents hold it, empty if it is none."""
    try:
        return iso(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
