"""The lists of stores, as they answer and as nobody should."""

import pytest

from preboard.storage.remote.pages import PAGES, ObjectFound
from preboard.storage.remote.told import Told

S3 = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
  <NextContinuationToken>abc=</NextContinuationToken>
  <Contents><Key>orders/a+b%2B%00.csv</Key><LastModified>2026-11-21T07:12:00.000Z</LastModified>
    <ETag>&quot;e5eb&quot;</ETag><Size>8</Size></Contents>
  <CommonPrefixes><Prefix>orders/eu/</Prefix></CommonPrefixes>
</ListBucketResult>"""
GOOGLE = b"""<?xml version='1.0' encoding='UTF-8'?>
<ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'>
  <Contents><Key>orders/a+b.csv</Key><Generation>1</Generation>
    <LastModified>2026-11-21T07:12:00.000Z</LastModified>
    <ETag>"e5eb"</ETag><Size>8</Size></Contents>
</ListBucketResult>"""
AZURE = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ServiceEndpoint="https://acme.blob.core.windows.net/" ContainerName="in">
  <Blobs>
    <Blob><Name>orders/a b.csv</Name><Properties>
      <Last-Modified>Sat, 21 Nov 2026 07:12:00 GMT</Last-Modified><Etag>0x8D</Etag>
      <Content-Length>8</Content-Length></Properties></Blob>
    <Blob><Name>orders/eu</Name><Properties>
      <ResourceType>directory</ResourceType></Properties></Blob>
    <BlobPrefix><Name>orders/eu/</Name></BlobPrefix>
  </Blobs><NextMarker>next!</NextMarker>
</EnumerationResults>"""
AT = "2026-11-21T07:12:00.000000+00:00"


@pytest.mark.parametrize(
    ("scheme", "body", "key", "etag", "marker"),
    [
        ("s3", S3, "orders/a b+\0.csv", "e5eb", "abc="),
        ("gs", GOOGLE, "orders/a+b.csv", "e5eb", ""),
        ("az", AZURE, "orders/a b.csv", "0x8D", "next!"),
    ],
)
def test_a_page_is_its_objects_and_what_asks_for_the_next(scheme, body, key, etag, marker):
    found = [ObjectFound(key, 8, Told(etag, "", AT))]

    assert PAGES[scheme].read(body) == (found, marker)


@pytest.mark.parametrize(
    ("scheme", "marker", "asked"),
    [
        ("s3", "", {"list-type": "2", "start-after": "in/a"}),
        ("gs", "m", {"list-type": "2", "continuation-token": "m"}),
        ("az", "m", {"restype": "container", "comp": "list", "marker": "m"}),
    ],
)
def test_a_page_is_asked_for_behind_a_key_or_another_page(scheme, marker, asked):
    query = PAGES[scheme].query("in/", marker, "in/a", recurse=False)

    assert asked.items() <= query.items()
    assert (query["prefix"], query["delimiter"]) == ("in/", "/")
    assert "delimiter" not in PAGES[scheme].query("in/", marker, "in/a", recurse=True)


NO_PAGES = [
    b"",
    b"not found",
    b"<a>",
    b"\xff\xfe",
    b"<a/><b/>",
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><a/>'.encode("utf-16"),
]


@pytest.mark.parametrize(
    ("scheme", "body"),
    [
        *((scheme, body) for scheme in ("s3", "az") for body in NO_PAGES),
        ("s3", b"<r><Contents><Key>a</Key><Size>x</Size></Contents></r>"),
        ("s3", b"<r><Contents><Key>a</Key><LastModified>yesterday</LastModified></Contents></r>"),
        ("az", b"<r><Blobs><Blob><Name>a</Name></Blob></Blobs></r>"),
    ],
)
def test_what_is_no_page_is_told(scheme, body):
    with pytest.raises((ValueError, TypeError)):
        PAGES[scheme].read(body)
