"""Entries of remote_locations, and what they cover."""

import pytest

from preboard.config.locations import location
from preboard.errors import ConfigError
from preboard.storage.remote.addresses import address_of

CASES = [
    # entry, address, is covered
    ("s3://acme-in/*", "s3://acme-in/orders/a.csv", True),
    ("s3://acme-in", "s3://acme-in/orders/a.csv", True),
    ("s3://acme-in/", "s3://acme-in/a.csv", True),
    ("s3://acme-in/*", "s3://acme-in-too/a.csv", False),
    ("s3://acme-in/*", "gs://acme-in/a.csv", False),
    ("s3://acme-in/*", "s3://ACME-IN/a.csv", False),
    ("s3://acme-*/in/*", "s3://acme-eu/in/a.csv", True),
    ("s3://acme-in/orders", "s3://acme-in/orders/a.csv", True),
    ("s3://acme-in/orders", "s3://acme-in/orders.csv", False),
    ("s3://acme-in/orders/*.csv", "s3://acme-in/orders/a.csv", True),
    ("s3://acme-in/orders/*.csv", "s3://acme-in/orders/a.exe", False),
    ("gcs://acme-in/*", "gs://acme-in/a.csv", True),
    ("azure://in-box/*", "az://in-box/a.csv", True),
    ("az://in-box/*", "azure://in-box/a.csv", True),
    ("sftp://files.example:2022/orders/*", "sftp://Files.Example:2022/orders/a.csv", True),
    ("sftp://files.example:2022/orders/*", "sftp://files.example/orders/a.csv", False),
    ("sftp://files.example/orders/*", "sftp://files.example:22/orders/a.csv", True),
    ("sftp://files.example:*/orders/*", "sftp://files.example:2022/orders/a.csv", True),
    ("https://files.example/*", "https://files.example:443/a.csv", True),
    ("https://files.example/*", "http://files.example/a.csv", False),
    ("https://*.example/*", "https://files.example/a.csv", True),
    ("https://*.example/*", "https://evil.test/x.example/a.csv", False),
    ("https://[::1]:8443/*", "https://[::1]:8443/a.csv", True),
    ("https://files.example/in/*", "https://files.example/in/../secret", False),
    ("https://files.example/in/*", "https://files.example/in/%2e%2e/secret", False),
    ("https://files.example/in/*", "https://files.example/in/a%20b.csv?x=1", True),
]


@pytest.mark.parametrize(("entry", "address", "covered"), CASES)
def test_an_entry_covers_what_it_says_and_nothing_beside_it(entry, address, covered):
    at = address_of(address)

    assert location(entry).covers(at.scheme, at.host, at.port, at.path) is covered


@pytest.mark.parametrize(
    "text",
    [
        "acme-in/*",
        "*",
        "*://acme-in/*",
        "ftp://files.example/*",
        "file:///etc/*",
        "s3://",
        "s3:///orders/*",
        "s3://acme-in:9000/*",
        "https://user:pw@files.example/*",
        "https://files.example/in/../*",
        "https://files.example:999999/*",
    ],
)
def test_what_is_no_entry_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match=r"\[inputs\] remote_locations has"):
        location(text)
