"""Parts of files, and what their answers say of them."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from preboard.errors import NotFound
from preboard.server import downloads
from preboard.server.downloads import Download, RangeOutside, answer, disposition, part_of

BYTES = bytes(range(256)) * 2048


def got(path: Path, method: str = "GET", fingerprint: str | None = "f" * 64, **headers: str):
    """Return status, headers and body of the answer with a file."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": method, "path": "/", "headers": raw})
    told = answer(request, Download(path=path, name=path.name, fingerprint=fingerprint))
    return told.status_code, told.headers, body_of(told)


def body_of(told: Response) -> bytes:
    async def body() -> bytes:
        if not isinstance(told, StreamingResponse):
            return bytes(told.body)
        return b"".join([part async for part in told.body_iterator if isinstance(part, bytes)])

    return asyncio.run(body())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(BYTES)
    return path


def test_a_whole_file_says_what_it_is(file):
    status, headers, body = got(file)
    assert (status, body) == (200, BYTES)
    assert headers["etag"] == f'"{"f" * 64}"'
    assert headers["content-length"] == str(len(BYTES))
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-disposition"] == 'attachment; filename="orders.csv"'
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=300000-300009", 300_000, 300_009),
        ("bytes=524280-", 524_280, 524_287),
        ("bytes=-5", 524_283, 524_287),
        ("bytes=0-99999999", 0, 524_287),
        ("bytes=-99999999", 0, 524_287),
    ],
)
def test_a_range_is_answered_with_its_bytes(file, wanted, first, last):
    status, headers, body = got(file, range=wanted)
    assert status == 206
    assert headers["content-range"] == f"bytes {first}-{last}/{len(BYTES)}"
    assert body == BYTES[first : last + 1]
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize("wanted", ["bytes=524288-", "bytes=-0", "bytes=999999-1000000"])
def test_a_range_behind_the_end_is_refused_with_the_size(file, wanted):
    with pytest.raises(RangeOutside) as refused:
        got(file, range=wanted)
    assert refused.value.headers()["Content-Range"] == f"bytes */{len(BYTES)}"


@pytest.mark.parametrize("wanted", ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-1", "bytes=0-1,3-4"])
def test_what_is_no_range_is_as_if_it_was_not_there(file, wanted):
    assert got(file, range=wanted)[0] == 200


def test_a_range_counts_only_for_the_state_that_it_is_for(file):
    assert got(file, range="bytes=0-1", if_range=f'"{"f" * 64}"')[0] == 206
    assert got(file, range="bytes=0-1", if_range='"other"')[0] == 200
    assert got(file, range="bytes=0-1", if_range=f'W/"{"f" * 64}"')[0] == 200
    assert got(file, range="bytes=0-1", if_range="Sat, 21 Nov 2026 07:12:53 GMT")[0] == 200


def test_who_has_the_file_is_told_so(file):
    for header in (f'"{"f" * 64}"', f'W/"x", "{"f" * 64}"', "*"):
        status, headers, body = got(file, if_none_match=header)
        assert (status, body) == (304, b"")
        assert headers["etag"] == f'"{"f" * 64}"'
    assert got(file, if_none_match='"x"')[0] == 200


def test_head_tells_all_but_the_bytes(file):
    status, headers, body = got(file, method="HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(BYTES)), b"")


def test_a_file_without_a_known_hash_is_hashed(file):
    for content in (BYTES, b"x", b""):
        file.write_bytes(content)
        _, headers, body = got(file, fingerprint=None)
        assert body == content
        assert headers["etag"] == f'"{sha256(content).hexdigest()}"'


def test_what_is_told_is_the_state_that_was_hashed(tmp_path, file):
    """Though it is replaced, or grows, before the bytes are sent."""
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    told = answer(request, Download(path=file, name=file.name))
    with file.open("ab") as log:
        log.write(b"another line")
    (tmp_path / "new").write_bytes(b"x" * len(BYTES))
    (tmp_path / "new").replace(file)
    assert body_of(told) == BYTES
    assert told.headers["etag"] == f'"{sha256(BYTES).hexdigest()}"'


def test_a_large_file_has_a_tag_that_changes_with_it(file, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_HASHED", len(BYTES) - 1)
    before = got(file, fingerprint=None)[1]["etag"]
    assert sha256(BYTES).hexdigest() not in before
    file.write_bytes(BYTES + b"x")
    assert got(file, fingerprint=None)[1]["etag"] != before


def test_an_empty_file_has_no_ranges(tmp_path):
    path = tmp_path / "data.csv"
    path.touch()
    assert got(path)[2] == b""
    with pytest.raises(RangeOutside):
        got(path, range="bytes=0-")
    with pytest.raises(RangeOutside):
        part_of("bytes=-1", 0)


def test_links_directories_and_what_is_not_there_are_no_files(tmp_path, file):
    link = tmp_path / "link.csv"
    link.symlink_to(file)
    for path in (link, tmp_path, tmp_path / "none.csv", Path("a\0b")):
        with pytest.raises(NotFound):
            got(path)


def test_a_name_can_not_break_out_of_its_header():
    told = disposition('a"\r\nSet-Cookie: x=1.csv')
    assert "\r" not in told
    assert "\n" not in told
    assert told.startswith('attachment; filename="a___Set-Cookie: x=1.csv"; filename*=')
