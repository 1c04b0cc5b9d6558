"""What is asked of which store: addresses of Google and Azure, and what goes over the wire.

Their stores are not asked here, nor elsewhere in the tests; S3's is in tests/integration.
"""

import base64
import sys
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.integration.web_server import serving

from preboard.config.credentials import Credentials, S3Credentials
from preboard.config.locations import location
from preboard.errors import InputError, Refused
from preboard.storage.remote.addresses import address_of
from preboard.storage.remote.fetching import fetched
from preboard.storage.remote.objects import _bucket
from preboard.storage.remote.rules import RemoteRules
from preboard.storage.remote.signing import signed_for_s3

ALL = RemoteRules(
    locations=tuple(location(f"{scheme}://*") for scheme in ("s3", "gs", "az", "sftp")),
    private_hosts=("127.0.0.1",),
)
KEYS = {
    "s3.aws_region": "eu-west-1",
    "azure.azure_storage_account_name": "acme",
    "azure.azure_storage_account_key": base64.b64encode(b"k" * 32).decode(),
}


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("s3://acme-in/a b.csv", "https://acme-in.s3.eu-west-1.amazonaws.com/a%20b.csv"),
        ("s3://acme.in/a", "https://s3.eu-west-1.amazonaws.com/acme.in/a"),
        ("s3://Acme_In/a", "https://s3.eu-west-1.amazonaws.com/Acme_In/a"),
        ("s3://acme-in", "https://acme-in.s3.eu-west-1.amazonaws.com/"),
        ("gs://acme-in/a+b.csv", "https://storage.googleapis.com/acme-in/a%2Bb.csv"),
        ("gcs://acme-in", "https://storage.googleapis.com/acme-in"),
        ("az://in-box/a/%C3%BC.csv", "https://acme.blob.core.windows.net/in-box/a/%C3%BC.csv"),
        ("azure://in-box", "https://acme.blob.core.windows.net/in-box"),
    ],
)
def test_an_address_leads_to_the_store_of_its_scheme(address, url):
    at = address_of(address)

    asked = _bucket(at, ALL, Credentials(values=KEYS)).asked(at.key, {})

    assert asked.partition("?")[0] == url
    assert ("sig=" in asked) is (at.scheme == "az")  # the only one with a key here


def test_china_has_hosts_of_its_own():
    found = _bucket(
        address_of("s3://acme-in/a"), ALL, Credentials(values={"s3.aws_region": "cn-north-1"})
    )
    assert found.url == "https://acme-in.s3.cn-north-1.amazonaws.com.cn"


@pytest.mark.parametrize("address", ["gs://acme-in/a", "az://in-box/a", "s3://acme-in/a"])
def test_what_is_not_listed_is_not_asked(address):
    with pytest.raises(Refused, match="does not list it"):
        _bucket(address_of(address), RemoteRules(), Credentials(values=KEYS))


def test_what_is_signed_is_what_goes_over_the_wire():
    """Nothing on the way writes it otherwise: a store would not take the signature."""
    with serving() as server:
        said = {
            "s3.aws_access_key_id": "AKID",
            "s3.aws_secret_access_key": "key",
            "s3.aws_session_token": "a/b+c=",
            "s3.aws_endpoint_url": server.site,
        }
        with fetched("s3://acme-in//a b/+ü%2520~!.csv", ALL, Credentials(values=said)):
            pass
        target, host = server.seen[0]

    query = dict(parse_qsl(urlsplit(target).query))
    now = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    signer = S3Credentials(key_id="AKID", secret="key", token="a/b+c=")  # noqa: S106
    path = target.partition("?")[0]
    assert path == "/acme-in//a%20b/%2B%C3%BC%2520~%21.csv"
    assert signed_for_s3(f"http://{host}{path}", {}, signer, now) == f"http://{host}{target}"


@pytest.mark.parametrize(
    ("library", "address", "extra"),
    [
        ("httpx", "https://files.example/a", "http"),
        ("httpx", "s3://acme-in/a", "objects"),
        ("asyncssh", "sftp://files.example/a", "sftp"),
    ],
)
def test_what_is_missing_is_told_with_its_extra(monkeypatch, library, address, extra):
    monkeypatch.setitem(sys.modules, library, None)
    rules = RemoteRules(locations=ALL.locations, web=True)

    with (
        pytest.raises(InputError, match=rf"pip install 'preboard\[{extra}\]'"),
        fetched(address, rules, Credentials(values=KEYS)),
    ):
        pass
