"""Signed URLs, compared with those of the libraries of the stores."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as AmazonCredentials
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from obstore.store import AzureStore, GCSStore

from preboard.config.credentials import AzureCredentials, GoogleCredentials, S3Credentials
from preboard.errors import ConfigError
from preboard.storage.remote.signing import (
    VALID_S,
    _azure_signature,
    query_text,
    signed_for_azure,
    signed_for_google,
    signed_for_s3,
)

OURS = "wJalr/XUtnFEMI+K7MDENG"
NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)


def asked(url):
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://acme-in.s3.eu-west-1.amazonaws.com/orders/a.csv", {}),
        ("https://acme-in.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%25.csv", {}),
        ("http://127.0.0.1:9000/acme-in//a", {}),
        (
            "https://s3.eu-west-1.amazonaws.com/acme.in",
            {"list-type": "2", "prefix": "a b/ü+%~*", "start-after": "a b/x&y=z"},
        ),
        ("https://acme-in.s3.eu-west-1.amazonaws.com/", {"list-type": "2"}),
    ],
)
@pytest.mark.parametrize("token", ["", "a/token+of=hours"])
def test_urls_for_s3_are_those_of_amazons_own_library(url, query, token):
    request = AWSRequest("GET", f"{url}?{query_text(query)}" if query else url)
    signer = S3SigV4QueryAuth(
        AmazonCredentials("AKID", OURS, token or None), "s3", "eu-west-1", expires=VALID_S
    )
    signer.add_auth(request)
    theirs = asked(request.url)
    now = datetime.strptime(theirs["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    credentials = S3Credentials(key_id="AKID", secret=OURS, token=token, region="eu-west-1")
    ours = signed_for_s3(url, query, credentials, now)

    assert asked(ours) == theirs
    assert urlsplit(ours)[:3] == urlsplit(request.url)[:3]


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture(scope="module")
def rsa_key():
    return pem(rsa.generate_private_key(65537, 2048))


def test_urls_for_google_are_those_of_another_library(rsa_key):
    account = {"client_email": "a@b.example", "private_key": rsa_key, "private_key_id": "1"}
    store = GCSStore(
        bucket="acme-in",
        base_url="https://storage.googleapis.com",
        service_account_key=json.dumps(account),
    )
    theirs = obstore.sign(store, "GET", "a b/ü~.csv", timedelta(seconds=VALID_S))
    moment = asked(theirs)["X-Goog-Date"]
    now = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    credentials = GoogleCredentials(email="a@b.example", private_key=rsa_key)
    url = "https://storage.googleapis.com/acme-in/a%20b/%C3%BC~.csv"
    ours = signed_for_google(url, {}, credentials, now)

    assert asked(ours) == asked(theirs)
    assert urlsplit(ours)[:3] == urlsplit(theirs)[:3]


@pytest.mark.parametrize(
    "key", ["no key", pem(ec.generate_private_key(ec.SECP256R1()))], ids=["text", "elliptic"]
)
def test_what_is_no_key_of_google_is_told_and_not_shown(key):
    credentials = GoogleCredentials(email="a@b.example", private_key=key)

    with pytest.raises(ConfigError, match=r"\[gcs\] the private key") as caught:
        signed_for_google("https://storage.googleapis.com/acme-in/a", {}, credentials, NOW)

    assert key not in str(caught.value)


def test_signatures_for_azure_are_those_of_another_library():
    key = b"k" * 64
    store = AzureStore(
        container_name="in",
        account_name="acme",
        account_key=base64.b64encode(key).decode(),
        endpoint="https://acme.blob.core.windows.net",
        use_emulator=False,
    )
    theirs = asked(obstore.sign(store, "GET", "orders/a.csv", timedelta(seconds=VALID_S)))

    told = (
        theirs["sp"],
        theirs["st"],
        theirs["se"],
        "/blob/acme/in/orders/a.csv",
        "",
        theirs["sr"],
    )
    assert _azure_signature(key, told) == theirs["sig"]


@pytest.mark.parametrize(
    ("path", "resource", "may"), [("/in/a%20b.csv", "b", "r"), ("/in", "c", "rl")]
)
def test_what_is_signed_for_azure_is_one_blob_or_the_list_of_a_container(path, resource, may):
    credentials = AzureCredentials(account="acme", key=b"k" * 64)

    found = asked(
        signed_for_azure(f"https://acme.blob.core.windows.net{path}", {}, credentials, NOW)
    )

    told = (may, "2026-11-21T06:57:00Z", "2026-11-21T07:27:00Z")
    assert (found["sp"], found["st"], found["se"]) == told
    assert (found["sr"], found["spr"]) == (resource, "https")
    signed = (*told, f"/blob/acme{unquote(path)}", "https", resource)  # decoded, as documented
    assert found["sig"] == _azure_signature(b"k" * 64, signed)


@pytest.mark.parametrize("query", [{}, {"prefix": "a b"}])
def test_without_credentials_nothing_is_signed(query):
    url = "https://store.example/in/a"
    plain = f"{url}?prefix=a%20b" if query else url

    assert signed_for_s3(url, query, S3Credentials(), NOW) == plain
    assert signed_for_google(url, query, GoogleCredentials(), NOW) == plain
    assert signed_for_azure(url, query, AzureCredentials(account="acme"), NOW) == plain


def test_a_shared_access_signature_is_handed_on():
    credentials = AzureCredentials(account="acme", signature="sv=1&sig=x%3D")

    found = signed_for_azure("https://store.example/in/a", {"comp": "list"}, credentials, NOW)

    assert found == "https://store.example/in/a?comp=list&sv=1&sig=x%3D"
