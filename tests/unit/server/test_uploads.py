"""Files that are sent: read as they come, refused when they are not what was told."""

import asyncio
import base64
import hashlib
import threading

import pytest
from starlette.requests import Request

from preboard.errors import InputError, PreboardError
from preboard.server.faults import RequestError, TooLarge, TooMany
from preboard.server.slots import Slots
from preboard.server.uploads import bodies
from preboard.server.uploads.bodies import Body, Encoded, Silent
from preboard.server.uploads.feed import BrokenOff, fed

DATA = b"id,name\n" + b"1,ada\n" * 100_000


def sent(parts: list[bytes], end: str = "whole", **headers: str) -> Request:
    """Return a request whose body comes in these parts, and is whole then, or is not."""
    left = list(parts)

    async def receive():
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        if end == "silent":
            await asyncio.sleep(60)
        if end == "gone":
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, receive)


def taken(request: Request, most: int = 1 << 30) -> tuple[Body, bytes]:
    """Return the body of a request, and its file as a thread reads it."""

    async def take():
        body = Body(request, most)
        await body.begin()
        return body, await fed(body.blocks(), lambda stream: stream.read())

    return asyncio.run(take())


def form(*fields: tuple[str, str], file: bytes = DATA, name: str = "a.csv", more: bytes = b""):
    text = b"".join(
        f'--XX\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields
    )
    head = f'--XX\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    return text + head.encode() + b"Content-Type: text/csv\r\n\r\n" + file + b"\r\n" + more


FORM = {"content_type": "multipart/form-data; boundary=XX"}
END = b"--XX--\r\n"


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1000, 65_536, 10_000_000])
def test_a_body_arrives_as_it_was_sent(size):
    body, data = taken(sent(cut(DATA, size), content_disposition='attachment; filename="a.csv"'))
    assert data == DATA
    assert body.file_name == "a.csv"


@pytest.mark.parametrize("size", [7, 1000, 65_536, 10_000_000])
def test_a_form_gives_its_fields_and_its_file_however_it_is_cut(size):
    file = DATA[:20_000] if size == 7 else DATA
    whole = form(("group", "checks"), ("template", ":1/:filename"), file=file) + END
    body, data = taken(sent(cut(whole, size), **FORM))
    assert data == file
    assert body.fields == {"group": "checks", "template": ":1/:filename"}
    assert body.file_name == "a.csv"


def test_the_name_of_a_file_is_no_place():
    for name in ("../../etc/a.csv", "C:\\\\data\\\\a.csv"):
        told = f'attachment; filename="{name}"'
        assert taken(sent([b"x"], content_disposition=told))[0].file_name == "a.csv"
        assert taken(sent([form(name=name), END], **FORM))[0].file_name == "a.csv"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("attachment; filename*=UTF-8''Gr%C3%B6.csv", "Grö.csv"),
        ("attachment; filename=a.csv; FileName* = utf-8'de'b%20c.csv", "b c.csv"),
        ("attachment; filename*=UTF-8''b.csv; filename=a.csv", "b.csv"),
        ("attachment; filename*=iso-8859-1''Gr%F6.csv", "Grö.csv"),
        ("attachment; filename*=UTF-8''..%2F..%5Cetc%2fa.csv", "a.csv"),
        ("attachment; filename=a.csv; filename*=UTF-8''%ff.csv", "a.csv"),
        ("attachment; filename=a.csv; filename*=koi8-r''b.csv", "a.csv"),
        ("attachment; filename=a.csv; filename*=b.csv", "a.csv"),
        ("attachment; filename=\"a; filename*=UTF-8''b.csv\"", "a; filename*=UTF-8''b.csv"),
        ("attachment; filename*=UTF-8''%ff.csv", None),
        ("attachment; filename=a.csv; filename*=UTF-8''", "a.csv"),
        ('attachment; x="' + '\\"' * 30_000, None),
    ],
)
def test_a_name_in_any_script_goes_before_the_plain_one(told, name):
    assert taken(sent([b"x"], content_disposition=told))[0].file_name == name


def test_the_type_names_a_file_that_nobody_named():
    body, _ = taken(sent([b"x"], content_type="text/csv; charset=utf-8"))
    assert body.file_name is None
    assert body.name_for("orders") == "orders.csv"
    assert taken(sent([b"x"], content_type="image/png"))[0].name_for("orders") is None


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([form()], "ended before its end"),
        ([b"--XX--\r\n"], "no file"),
        ([b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n', END], "no file"),
        ([b"no form at all"], "can't be read"),
        ([form(("a", "1"), ("a", "2")), END], "comes twice"),
        ([form(("a", "x" * 9000)), END], "more than 8,192"),
        ([form(*((f"f{n}", "") for n in range(40))), END], "more than 32"),
        ([form(more=b'--XX\r\nContent-Disposition: form-data; name="b"\r\n\r\n1\r\n'), END],
         "behind the file"),
    ],
)  # fmt: skip
def test_a_form_that_is_none_is_refused(parts, why):
    with pytest.raises(InputError, match=why):
        taken(sent(parts, **FORM))


def test_a_form_without_a_boundary_is_refused():
    with pytest.raises(InputError, match="no boundary"):
        taken(sent([form(), END], content_type="multipart/form-data"))


def test_more_bytes_than_are_taken_are_refused_while_they_come():
    with pytest.raises(TooLarge):
        taken(sent(cut(DATA, 1000)), most=5000)
    assert taken(sent([b"x" * 5000]), most=5000)[1] == b"x" * 5000


def digest(data: bytes, name: str = "sha-256") -> str:
    made = hashlib.new(name.replace("-", ""), data).digest()
    return f"{name}=:{base64.b64encode(made).decode()}:"


def test_hashes_that_were_promised_are_compared():
    for headers in (
        {"content_digest": digest(DATA)},
        {"content_digest": digest(DATA, "sha-512")},
        {"x_content_sha256": hashlib.sha256(DATA).hexdigest().upper()},
    ):
        assert taken(sent(cut(DATA, 50_000), **headers))[1] == DATA
    for headers in (
        {"content_digest": digest(b"other")},
        {"content_digest": digest(b"other", "sha-512")},
        {"x_content_sha256": hashlib.sha256(b"other").hexdigest()},
    ):
        with pytest.raises(InputError, match="is not the one"):
            taken(sent(cut(DATA, 50_000), **headers))


def test_in_a_form_one_hash_is_of_the_body_and_one_of_the_file():
    whole = form() + END
    told = {"content_digest": digest(whole), "x_content_sha256": hashlib.sha256(DATA).hexdigest()}
    assert taken(sent(cut(whole, 65_536), **FORM, **told))[1] == DATA


@pytest.mark.parametrize(
    "headers",
    [
        {"x_content_sha256": "abc"},
        *(
            {"content_digest": told}
            for told in (
                "sha-256=:AAAA:",
                "sha-256=AAAAAAAA",
                "sha-256 = :AAAA:",
                "SHA-256=:AAAA:",
                "garbage",
                "sha-256",
                "md5=1",
                "md5=:AAAA:,",
                "md5=:AAAA: sha=:AAAA:",
            )
        ),
    ],
    ids=str,
)
def test_what_is_no_hash_is_refused(headers):
    with pytest.raises(RequestError):
        taken(sent([DATA], **headers))


@pytest.mark.parametrize("told", ["md5=:AAAA:", "crc32c=:AAAA:;a=1,\t{}", "{};a, x=::", " {} "])
def test_hashes_of_other_kinds_are_left_out(told):
    assert taken(sent([DATA], content_digest=told.format(digest(DATA))))[1] == DATA
    if "{}" in told:
        with pytest.raises(InputError, match="is not the one"):
            taken(sent([DATA], content_digest=told.format(digest(b"other"))))


def test_hashes_in_several_headers_are_one_list():
    request = sent([DATA], content_digest="md5=:AAAA:")
    request.scope["headers"].append((b"content-digest", digest(b"other").encode()))
    with pytest.raises(InputError, match="is not the one"):
        taken(request)


def test_a_body_that_breaks_off_is_an_error_where_it_is_read():
    seen: list[int | PreboardError] = []

    def read(stream):
        try:
            while block := stream.read(1 << 20):
                seen.append(len(block))
        except PreboardError as error:
            seen.append(error)
            raise

    async def take():
        body = Body(sent(cut(DATA, 65_536), "gone"), 1 << 30)
        await body.begin()
        await fed(body.blocks(), read)

    with pytest.raises(BrokenOff):
        asyncio.run(take())
    assert isinstance(seen[-1], BrokenOff)
    assert seen[:-1]


def test_who_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(bodies, "SILENCE_S", 0.05)
    with pytest.raises(Silent):
        taken(sent([DATA], "silent"))


def test_an_encoding_of_the_transport_is_refused():
    with pytest.raises(Encoded):
        taken(sent([DATA], content_encoding="gzip"))


def test_a_reader_that_gives_up_is_not_waited_for():
    """An endless body is left where it is when the reader fails."""

    async def endless():
        while True:
            yield b"x" * 1000

    def fail(stream):
        stream.read(10)
        raise InputError("no room")

    with pytest.raises(InputError, match="no room"):
        asyncio.run(fed(endless(), fail))


def test_a_slow_reader_is_not_run_over():
    """No more than a few blocks are read ahead of who stores them."""
    given, most_ahead, stored = 0, 0, 0
    lock = threading.Lock()

    async def blocks():
        nonlocal given, most_ahead
        for _ in range(100):
            with lock:
                given += 1
                most_ahead = max(most_ahead, given - stored)
            yield b"x" * 10

    def slow(stream):
        nonlocal stored
        while stream.read(10):
            with lock:
                stored += 1
        return stored

    assert asyncio.run(fed(blocks(), slow)) == 100
    assert most_ahead <= 8


def test_a_few_go_on_at_once_of_one_and_of_all():
    slots = Slots("uploads", 3, 2)
    slots.take("a")
    with slots.taken("a"), slots.taken("b"):
        for who in ("a", "c"):
            with pytest.raises(TooMany, match="too many uploads at once"):
                slots.take(who)
    slots.take("a")
    slots.give_back("a")
    slots.give_back("a")
    with slots.taken("a"), slots.taken("a"):
        pass
