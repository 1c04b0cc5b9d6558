"""Addresses that carry their own permission: what S3, Google and Azure call signed URLs.

In: a URL without a query, and credentials. Out: the URL with a query that allows to GET it for some
minutes. Nothing is asked of anybody for it. The rules are those of AWS Signature Version 4, which
Google's V4 follows with an RSA key, and of Azure's service SAS of version 2023-11-03.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from preboard.errors import ConfigError
from preboard.storage.remote.told import extra_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from preboard.config.credentials import AzureCredentials, GoogleCredentials, S3Credentials

VALID_S = 900
_AZURE_VERSION = "2023-11-03"
_CLOCKS_APART = timedelta(minutes=15)


def query_text(query: Mapping[str, str]) -> str:
    """Return a query as it is written and signed: sorted, all but unreserved signs encoded."""
    return "&".join(f"{_encoded(key)}={_encoded(query[key])}" for key in sorted(query))


def signed_for_s3(
    url: str, query: Mapping[str, str], credentials: S3Credentials, now: datetime
) -> str:
    """Return a URL that S3 answers; it is not signed when there is no key."""
    if not credentials.key_id:
        return f"{url}?{query_text(query)}" if query else url
    token = {"X-Amz-Security-Token": credentials.token} if credentials.token else {}

    def signature(date: str, text: bytes) -> str:
        key = f"AWS4{credentials.secret}".encode()
        for part in (date, credentials.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text, "sha256").hex()

    return _signed(
        url,
        {**query, **token},
        words=("AWS4-HMAC-SHA256", "X-Amz-"),
        who=(credentials.key_id, f"{credentials.region}/s3/aws4_request"),
        now=now,
        signature=signature,
    )


def signed_for_google(
    url: str, query: Mapping[str, str], credentials: GoogleCredentials, now: datetime
) -> str:
    """Return a URL that Google Cloud Storage answers.

    Raises:
        ConfigError: the private key is none.
        InputError: what signs with it is not installed.
    """
    if not credentials.email:
        return f"{url}?{query_text(query)}" if query else url
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_private_key,
        )
    except ImportError as error:
        raise extra_needed("what lies in Google Cloud Storage", "objects") from error
    try:
        key = load_pem_private_key(credentials.private_key.encode(), None)
    except (ValueError, TypeError) as error:
        raise ConfigError("[gcs] the private key of the service account can't be read") from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("[gcs] the private key of the service account is no RSA key")
    return _signed(
        url,
        query,
        words=("GOOG4-RSA-SHA256", "X-Goog-"),
        who=(credentials.email, "auto/storage/goog4_request"),
        now=now,
        signature=lambda _date, text: key.sign(text, PKCS1v15(), SHA256()).hex(),
    )


def signed_for_azure(
    url: str, query: Mapping[str, str], credentials: AzureCredentials, now: datetime
) -> str:
    """Return a URL that Azure's blob storage answers: a blob's, or that of a container."""
    if not credentials.key:
        parts = [query_text(query) if query else "", credentials.signature]
        asked = "&".join(part for part in parts if part)
        return f"{url}?{asked}" if asked else url
    path = unquote(urlsplit(url).path)
    is_container = "/" not in path[1:]
    begin, end = (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for moment in (now - _CLOCKS_APART, now + timedelta(seconds=VALID_S))
    )
    resource, may = ("c", "rl") if is_container else ("b", "r")
    told = (may, begin, end, f"/blob/{credentials.account}{path}", "https", resource)
    permission = {
        "sv": _AZURE_VERSION,
        "st": begin,
        "se": end,
        "sr": resource,
        "sp": may,
        "spr": "https",
        "sig": _azure_signature(credentials.key, told),
    }
    return f"{url}?{query_text({**query, **permission})}"


def _azure_signature(key: bytes, told: tuple[str, str, str, str, str, str]) -> str:
    may, begin, end, path, protocol, resource = told
    none = [""] * 7  # snapshot, scope of encryption, five headers of the answer
    text = "\n".join([may, begin, end, path, "", "", protocol, _AZURE_VERSION, resource, *none])
    return base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()


def _signed(
    url: str,
    query: Mapping[str, str],
    *,
    words: tuple[str, str],
    who: tuple[str, str],
    now: datetime,
    signature: Callable[[str, bytes], str],
) -> str:
    """Sign a URL by the rules of Signature Version 4, in its query; only the host is signed."""
    algorithm, prefix = words
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    date = moment[:8]
    scope = f"{date}/{who[1]}"
    asked = query_text(
        {
            **query,
            f"{prefix}Algorithm": algorithm,
            f"{prefix}Credential": f"{who[0]}/{scope}",
            f"{prefix}Date": moment,
            f"{prefix}Expires": str(VALID_S),
            f"{prefix}SignedHeaders": "host",
        }
    )
    split = urlsplit(url)
    request = f"GET\n{split.path or '/'}\n{asked}\nhost:{split.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"{algorithm}\n{moment}\n{scope}\n{digest}"
    return f"{url}?{asked}&{prefix}Signature={signature(date, text.encode())}"


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
