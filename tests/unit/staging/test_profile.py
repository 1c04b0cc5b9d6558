"""What a version looks like when it arrives. A profile describes; it refuses nothing."""

import gzip

import pytest

from preboard.errors import InputError
from preboard.staging.profile import MOST_COLUMNS, MOST_NAME, SAMPLE_LINES, profile_of


@pytest.fixture
def profile(tmp_path):
    def of(content, name="a.csv", mark=""):
        path = tmp_path / "stored"
        path.write_bytes(content)
        return profile_of(path, name, mark)

    return of


def test_a_delimited_file_has_a_dialect_a_header_and_a_count(profile):
    found = profile(b"id;name\n1;Ann\n2;Bob\n")

    assert (found.format, found.delimiter, found.quotechar) == ("delimited", ";", '"')
    assert found.header == ["id", "name"]
    assert (found.lines, found.sampled) == (3, 2)
    assert found.unread is None


TYPES = [
    (["1", "-2", "+3"], "integer"),
    (["1", "2.5", "1e3", ".5"], "decimal"),
    (["true", "No", "FALSE"], "boolean"),
    (["2026-01-02", "1999-12-31"], "date"),
    (["2026-01-02 03:04", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.6+01:00"], "datetime"),
    (["1", "x"], "text"),
    (["1", "", " 2 "], "integer"),
    (["", " ", ""], "empty"),
    (["1", "true"], "text"),
    (["\u0661\u0662"], "integer"),
    (["9" * 601], "text"),
    (["nan"], "text"),
]


@pytest.mark.parametrize(("cells", "kind"), TYPES)
def test_a_column_has_the_narrowest_type_that_all_its_cells_have(profile, cells, kind):
    content = "a,b\n" + "".join(f"{cell},x\n" for cell in cells)
    column = profile(content.encode()).columns[0]

    assert column.type == kind
    assert column.empty == sum(not cell.strip() for cell in cells)
    assert column.longest == max(len(cell.strip()) for cell in cells)


def test_all_lines_are_counted_though_only_the_first_are_looked_at(profile):
    found = profile(b"a\n" + b"1\n" * SAMPLE_LINES + b"x\n" * 500)

    assert found.lines == SAMPLE_LINES + 501
    assert found.sampled == SAMPLE_LINES
    assert found.columns[0].type == "integer"


@pytest.mark.parametrize(
    ("name", "content", "form", "lines"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": 2}\n', "jsonl", 2),
        ("a.tsv", b"a\tb\n1\t2\n", "delimited", 2),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0), "delimited", 2),
        ("a.weird", b"a,b\n1,2\n", "delimited", 2),
        ("a.csv", b"a,b\n", "delimited", 1),
    ],
)
def test_the_format_is_found(profile, name, content, form, lines):
    found = profile(content, name)

    assert (found.format, found.lines) == (form, lines)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"no workbook"),
        ("a.parquet", b"PAR1 and then nothing"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)[:30]),
        ("a.csv", b"\x00\x01\x02" * 100),
        ("a.csv", b"<html><body>Sign in</body></html>"),
        ("a.json", b"[" * 100_000),
    ],
)
def test_bytes_that_can_t_be_read_are_kept_and_the_reason_told(profile, name, content):
    found = profile(content, name)

    assert found.unread
    assert found.format == "unknown"


def test_an_empty_file_is_described_too(profile):
    found = profile(b"")

    assert found.lines == 0
    assert found.header == []


def test_a_sheet_of_what_is_no_workbook_is_an_error(profile):
    with pytest.raises(InputError):
        profile(b"no workbook", "a.xlsx", "two")


def test_a_profile_has_a_size_that_the_file_can_t_choose(profile):
    """It is written into every manifest entry."""
    wide = ",".join("x" * 1000 for _ in range(MOST_COLUMNS + 500))
    found = profile(f"{wide}\n{wide}\n".encode())

    assert len(found.columns) == len(found.header) == MOST_COLUMNS
    assert max(map(len, found.header)) == MOST_NAME
