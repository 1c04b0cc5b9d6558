"""Addresses of files elsewhere, read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import Refused
from preboard.storage.remote.addresses import address_of, object_address

READ = [
    ("s3://acme-in/orders/a.csv", ("s3", "acme-in", None, "/orders/a.csv")),
    ("S3://acme-in/a", ("s3", "acme-in", None, "/a")),
    ("s3://acme.in_2/a", ("s3", "acme.in_2", None, "/a")),
    ("gs://acme-in/a%20b+c.csv", ("gs", "acme-in", None, "/a b+c.csv")),
    ("gcs://acme-in/a%2520b", ("gs", "acme-in", None, "/a%20b")),
    ("az://orders/a", ("az", "orders", None, "/a")),
    ("azure://container/a//b", ("az", "container", None, "/a//b")),
    ("s3://acme-in", ("s3", "acme-in", None, "/")),
    ("sftp://files.example/a", ("sftp", "files.example", 22, "/a")),
    ("sftp://files.example:2022/a#b", ("sftp", "files.example", 2022, "/a#b")),
    ("sftp:///a", ("sftp", "", None, "/a")),
    ("https://files.example/a%20b?x=%20", ("https", "files.example", 443, "/a b")),
    ("http://[::1]:8080", ("http", "::1", 8080, "/")),
]


@pytest.mark.parametrize(("text", "parts"), READ)
def test_an_address_is_read_into_its_parts(text, parts):
    found = address_of(text)

    assert (found.scheme, found.host, found.port, found.path) == parts


@pytest.mark.parametrize(
    "text",
    [
        "ftp://files.example/a",
        "file:///etc/passwd",
        "s3:/acme-in/a",
        "s3://a",
        "s3://../a",
        "s3://acme-in:80/a",
        "s3://user@acme-in/a",
        "s3://acme-in@evil.test/a",
        "s3://acme-in?x=/a",
        "s3://acme-in/a?versionId=1",
        "s3://acme-in/../a",
        "s3://acme-in/a/%2e%2e/b",
        "s3://acme-in/a/./b",
        "s3://acme-in/a%5c..%5cb",
        "s3://acme-in/a%00",
        "s3://acme-in/a\nb",
        "s3://acme-in/%ff",
        "s3://acme-in/" + "a" * 5_000,
        "sftp://user:hush@files.example/a",
        "sftp://user@files.example/a",
        "sftp://files.example:x/a",
        "sftp://files.example/../a",
        "sftp://files.example/a?b",
        "https:///a",
        "https://files.example\\@evil.test/a",
        "https://user:hush@files.example/a",
        "https://[::1/a",
    ],
)
def test_what_could_mean_something_else_is_refused(text):
    with pytest.raises(Refused) as caught:
        address_of(text)
    assert "hush" not in str(caught.value)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_key_is_read_as_it_was_written(key):
    """Whatever it holds, but for what no address may hold."""
    try:
        found = address_of(object_address("s3", "acme-in", key))
    except Refused:
        assert "\\" in key or {".", ".."} & set(key.split("/"))
    else:
        assert (found.host, found.key) == ("acme-in", key)
