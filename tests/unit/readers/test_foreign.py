"""What is no delimited text is told apart, and what is stays."""

import gzip
import io
import zipfile

import pytest

from preboard.errors import InputError
from preboard.readers.declared import Declared
from preboard.readers.opening import open_text

TAR = bytes(257) + b"ustar\0" + bytes(249)


def office(name):
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as writer:
        writer.writestr("[Content_Types].xml", "<Types/>")
        writer.writestr(name, "<x/>")
    return found.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"GIF89a\1\0\1\0", "GIF"),
        (b"\x7fELF\x02\x01\x01\0", "program"),
        (b"MZ\x90\0\x03\0\0\0", "Windows program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "Office"),
        (office("xl/workbook.xml"), "workbook"),
        (office("word/document.xml"), "Office"),
        (b"PAR1\x15\x04\x15\0PAR1", "Parquet"),
        (b"SQLite format 3\0", "SQLite"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"Rar!\x1a\x07\1\0", "RAR"),
        (TAR, "tar"),
        (gzip.compress(TAR, mtime=0), "tar"),
        (b"{\\rtf1\\ansi hello}", "rich text"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEMA", "PGP"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b"\0\0\0\x18ftypmp42", "film"),
        (b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>", "404 Not Found"),
        (b"\n<HTML lang='de'>\n<body>Anmeldung</body></HTML>", "web page"),
        ("<html><body>ä</body></html>".encode("utf-16"), "web page"),
        (b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><table>', "named as a workbook"),
        (b'<?xml version="1.0"?>\n<orders><order/></orders>', "XML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "workbook"),
        (b'{"orders": [{"id": 1},\n {"id": 2}]}', "JSON document"),
        (b'{\n  "orders": [\n    {"id": 1}\n  ]\n}\n', "JSON document"),
        (b'[\n  {"id": 1},\n  {"id": 2}\n]\n', "JSON document"),
        (b'{"id": 1, "n": "a"}\n{"id": 2, "n": "b"}\n', "record on each line"),
        (b"UNA:+.? 'UNB+UNOC:3+1234+5678+240501:0900+1'", "EDIFACT"),
        (b"{1:F01BANKDEFFAXXX0000000000}{2:I940}", "SWIFT"),
        (bytes(range(256)) * 40, "binary"),
        (b"abc\0\0\0\0\0\0\0\0\0\0\0def" * 9, "binary"),
        (bytes(3000), "binary"),
    ],
)
def test_it_is_told_what_it_looks_like(data, what):
    """With a hint, and not as a broken table."""
    with pytest.raises(InputError, match=what) as caught:
        open_text(io.BytesIO(data), "orders.csv")
    assert caught.value.hint
    assert caught.value.byte_offset == 0


@pytest.mark.parametrize(
    "data",
    [
        b"ORCID,name\n0000-1,Anna\n",
        b"RIFF;a\n1;2\n",
        b"MZ,b\n1,2\n",
        b"ID3,b\n1,2\n",
        b"GIF8,b\n1,2\n",
        b"PAR1,PAR2\n4,5\n",
        b"PARENT,b\n1,2\n",
        b"BM,b\n1,2\n",
        b"PK,name\n1,a\n",
        b"{a};{b}\n{1};{2}\n",
        b"[id],[name]\n1,a\n",
        b'{"a": 1}\t2\n{"a": 2}\t3\n',
        b"<tag>,x\n<b>,1\n",
        b"1,\x01\n2,\x02\n",
        b"a\x01b\x01c\n1\x012\x013\n" * 30,
        b"a,b\n1,x\0y\n",
        b"ISA,b\n1,2\n",
        b"UNB,b\n1,2\n",
    ],
)
def test_a_text_that_begins_in_an_odd_way_is_a_text(data):
    """A few control characters, or a NUL, are left to the reader, which says where they stand."""
    stream, _ = open_text(io.BytesIO(data), "orders.csv")
    assert stream.read() == data


def test_what_is_declared_is_believed_of_text():
    """One column of JSON is a file like any other, if somebody says how it is cut."""
    data = b'{"id": 1}\n{"id": 2}\n'
    assert open_text(io.BytesIO(data), None, Declared(delimiter="\t"))[1].delimiter == "\t"
    page = b"<html>,x\n1,2\n"
    assert open_text(io.BytesIO(page), None, Declared(format="csv"))[0].read() == page
    with pytest.raises(InputError, match="PDF"):
        open_text(io.BytesIO(b"%PDF-1.4"), None, Declared(delimiter=",", format="csv"))
