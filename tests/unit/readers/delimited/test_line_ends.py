r"""Records that end in different ways are found; line ends inside quotes are text."""

import io

import pytest

from preboard.readers.delimited.reader import DelimitedReader
from preboard.readers.dialect import Dialect
from preboard.readers.limits import Limits


def finding(data, **options):
    reader = DelimitedReader(io.BytesIO(data), Dialect(), **options)
    list(reader)
    found = [each for each in reader.findings if each.code == "mixed-line-ends"]
    return found[0] if found else None


@pytest.mark.parametrize("block_bytes", [1, 3, 8, 1 << 16])
@pytest.mark.parametrize(
    ("data", "told", "line", "count"),
    [
        (b"a,b\r\n1,2\n3,4\r\n", "1 with LF, 2 with CRLF", 1, 1),
        (b"a,b\n1,2\r\n3,4\r\n", "1 with LF, 2 with CRLF", 1, 1),
        (b"a,b\n1,2\n3,4\r5,6\n", "3 with LF, 1 with CR", 2, 1),
        (b"a\rb\r\nc\n", "1 with LF, 1 with CRLF, 1 with CR", 1, 2),
        (b"a\n\r\nb\n", "2 with LF, 1 with CRLF", 1, 1),
        (b'a\r\n"x\ny"\r\nb\n"c"\r\n', "1 with LF, 3 with CRLF", 2, 1),
        (b'"a"\n"b"\n"c"\r\n', "2 with LF, 1 with CRLF", 2, 1),
        (b'a,"b""\r\n"\n"c\n\r"\r\n', "1 with LF, 1 with CRLF", 1, 1),
        (b"a\nb\r", "1 with LF, 1 with CR", 1, 1),
    ],
)
def test_mixed_ends_are_counted(data, told, line, count, block_bytes):
    found = finding(data, block_bytes=block_bytes)
    assert found is not None
    assert told in found.message
    assert (found.line, found.count) == (line, count)


@pytest.mark.parametrize("block_bytes", [1, 3, 8, 1 << 16])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a",
        b"a\n1\n\n2\n",
        b"a\r\n1\r\n2",
        b"a\r1\r2\r",
        b'a,b\r\n"x\ny",1\r\n2,"z\r"\r\n',
        b'"a\r\nb","\r"\n"c\nd",""\n',
        b'x\n"never\r\nclosed"\n',
    ],
)
def test_ends_of_one_kind_are_not_told(data, block_bytes):
    assert finding(data, block_bytes=block_bytes) is None


def test_lines_converted_twice_are_known():
    found = finding(b"a,b\r\r\n1,2\r\r\n3,4\r\r\n")
    assert "CR CR LF" in (found.hint or "")


def test_ends_of_records_beyond_the_fast_ways_count_too():
    data = b"a\n" + b"x" * 300 + b"\r\nb\r\n"
    assert finding(data, limits=Limits(cell_chars=400)).count == 1
