"""Objects in S3, Google Cloud Storage and Azure: fetched and listed by signed URLs.

What is asked goes the way of every other request, `http.download`: a library of a store would take
credentials from the environment and follow redirects to wherever they lead. The address of a store
is Amazon's, Google's or Microsoft's own; another one, for what speaks as S3 does, must be listed,
and takes HTTPS unless its host is one of those that may be private.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urlsplit

from preboard.clock import elapsed_s, utc_now
from preboard.config.locations import PORTS
from preboard.errors import InputError, NotFound, Refused
from preboard.storage.remote.hosts import may_be_private
from preboard.storage.remote.http import Download, download
from preboard.storage.remote.pages import PAGES, Page
from preboard.storage.remote.signing import (
    signed_for_azure,
    signed_for_google,
    signed_for_s3,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from preboard.config.credentials import Credentials
    from preboard.storage.remote.addresses import Address
    from preboard.storage.remote.pages import ObjectFound
    from preboard.storage.remote.rules import RemoteRules
    from preboard.storage.remote.told import Told

_HOST_NAME = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]")
"""A bucket that can be part of a host; one with dots would not fit a certificate."""
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")
_SAFE = "/-_.~"
_MOST_OF_A_PAGE = 8 << 20
_DENIED = frozenset({401, 403})
_SECTIONS = {"s3": "[s3]", "gs": "[gcs]", "az": "[azure]"}


@dataclass(frozen=True, slots=True)
class _Bucket:
    """A bucket with its URL, and what signs a URL in it with a query."""

    url: str
    sign: Callable[[str, Mapping[str, str]], str]

    def asked(self, key: str, query: Mapping[str, str]) -> str:
        """Return the URL that asks for a key, or for the list when it is empty."""
        path = f"/{quote(key, safe=_SAFE)}" if key or not urlsplit(self.url).path else ""
        return self.sign(self.url + path, query)


def fetch_object(
    address: Address, rules: RemoteRules, credentials: Credentials, file: BinaryIO
) -> Told:
    """Write an object to a file, and return what is told of it.

    Raises:
        Refused: the store may not be asked, or the object is too large.
        NotFound: there is no such object or bucket.
        InputError: it can't be fetched.
        ConfigError: the credentials can't be.
    """
    if not address.key or address.key.endswith("/"):
        raise Refused(f"{address.told} is a folder, no object", hint="give the address of a file")
    url = _bucket(address, rules, credentials).asked(address.key, {})
    return download(_asking(address, url), rules, file)


def objects_below(
    address: Address, rules: RemoteRules, credentials: Credentials, after: str, *, recurse: bool
) -> Iterator[ObjectFound]:
    """Give the objects of a folder in the order of their keys, behind the key `after`.

    The address ends with a slash.

    Raises:
        Refused, NotFound, InputError, ConfigError: as `fetch_object`.
    """
    bucket = _bucket(address, rules, credentials)
    page = PAGES[address.scheme]
    ends = elapsed_s() + rules.total_s
    marker = ""
    while True:
        limits = replace(rules, most_bytes=_MOST_OF_A_PAGE, total_s=ends - elapsed_s())
        query = page.query(address.key, marker, after, recurse=recurse)
        body = BytesIO()
        download(_asking(address, bucket.asked("", query)), limits, body)
        found, marker = _read(page, body.getvalue(), address)
        for one in found:
            is_file = one.key.startswith(address.key) and not one.key.endswith("/")
            if is_file and one.key > after:
                yield one
        if not marker:
            return


def _read(page: Page, body: bytes, address: Address) -> tuple[list[ObjectFound], str]:
    try:
        return page.read(body)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{address.told} can't be listed: {error}") from error


def _asking(address: Address, url: str) -> Download:
    """Return what asks for a URL that was made here; a redirect is not followed."""

    def refusal(status: int, headers: httpx.Headers, body: bytes) -> Exception:
        return _refusal(address, status, headers, body)

    return Download(
        url,
        check=lambda _url: None,  # the store was checked where the URL was made
        name=address.told,
        refusal=refusal,
        as_sent=True,
        extra="objects",
    )


def _refusal(address: Address, status: int, headers: httpx.Headers, body: bytes) -> Exception:
    code = _CODE.search(body)
    said = f"the store says {status}" + (f", {code[1].decode()}" if code else "")
    if status == 404:  # noqa: PLR2004 - RFC 9110, 15.5.5
        return NotFound(f"{address.told} is not there: {said}")
    hint = None
    region = headers.get("x-amz-bucket-region", "")
    if region and status not in _DENIED and _HOST_NAME.fullmatch(region):
        hint = f"the bucket is in {region}: aws_region in [s3], or AWS_REGION"
    elif status in _DENIED:
        hint = (
            f"the credentials are those of {_SECTIONS[address.scheme]} in config.ini, or of "
            "the project's file of variables"
        )
    return InputError(f"{address.told} can't be fetched: {said}", hint=hint)


def _bucket(address: Address, rules: RemoteRules, credentials: Credentials) -> _Bucket:
    """Return the bucket of an address that may be asked.

    Raises:
        Refused: the address of the store is not allowed.
        ConfigError: the credentials can't be.
    """
    rules.check(address)
    now = utc_now()
    if address.scheme == "gs":
        google = credentials.google()
        return _Bucket(
            f"https://storage.googleapis.com/{address.host}",
            lambda url, query: signed_for_google(url, query, google, now),
        )
    if address.scheme == "az":
        azure = credentials.azure()
        return _Bucket(
            f"https://{azure.account}.blob.{azure.suffix}/{address.host}",
            lambda url, query: signed_for_azure(url, query, azure, now),
        )
    amazon = credentials.s3()
    return _Bucket(
        _s3_url(address.host, amazon.endpoint, amazon.region, rules),
        lambda url, query: signed_for_s3(url, query, amazon, now),
    )


def _s3_url(bucket: str, endpoint: str, region: str, rules: RemoteRules) -> str:
    if endpoint:
        _check_endpoint(endpoint, rules)
        return f"{endpoint}/{bucket}"
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    if _HOST_NAME.fullmatch(bucket):
        return f"https://{bucket}.s3.{region}.{suffix}"
    return f"https://s3.{region}.{suffix}/{bucket}"


def _check_endpoint(endpoint: str, rules: RemoteRules) -> None:
    split = urlsplit(endpoint)
    host = split.hostname or ""
    if may_be_private(host, rules):
        return
    if split.scheme != "https":
        raise Refused(
            f"the store at {endpoint} can't be asked without TLS",
            hint="aws_endpoint_url is an address with https://, unless private_hosts has its host",
        )
    if not rules.lists(split.scheme, host, split.port or PORTS[split.scheme], "/"):
        raise Refused(
            f"the store at {endpoint} is not allowed",
            hint=f"{endpoint} in remote_locations in [inputs] of config.ini",
        )
