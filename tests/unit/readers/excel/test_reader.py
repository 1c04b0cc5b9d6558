"""The reader of workbooks: sheets, cells, and files that would do harm."""

# ruff: noqa: DTZ001 - cells have no zone

import io
import random
import struct
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import Any, cast

import openpyxl
import pytest
from tests.integration import formats as f

from preboard.errors import InputError
from preboard.readers.excel.reader import ExcelLimits, ExcelReader


def read(data, sheet=None, **limits):
    """Return all rows, and what the reader found."""
    reader = ExcelReader(io.BytesIO(data), sheet, limits=ExcelLimits(**limits))
    return [row for batch in reader for row in batch.rows], reader.findings


def refused(data, sheet=None, **limits):
    """Return the error."""
    with pytest.raises(InputError) as caught:
        read(data, sheet, **limits)
    return caught.value


def workbook(cells, **options):
    """Return a workbook with these cells, by their names."""
    book = openpyxl.Workbook(**options)
    for name, value in cells.items():
        book.active[name] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data, change):
    """Return a workbook with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


class TestCells:
    def test_values_are_of_their_kind(self):
        row = [
            1,
            1.0,
            2.5,
            -3,
            "1",
            " x ",
            True,
            False,
            date(2024, 1, 2),
            datetime(2024, 1, 2, 3, 4),
        ]
        row += [time(3, 4), timedelta(hours=30), 2**53 - 1]
        (found,), _ = read(f.as_xlsx([row]))
        assert found == [1, 1, *row[2:]]
        assert [type(value) for value in found] == [int, int, *map(type, row[2:])]

    def test_a_number_that_is_not_exact_stays_what_it_is(self):
        (found,), _ = read(f.as_xlsx([[1e300, 2.0**60]]))
        assert found == [1e300, 2.0**60]
        assert type(found[1]) is float

    def test_empty_cells_are_empty_text_and_empty_rows_blank(self):
        rows, _ = read(workbook({"B3": "a", "D3": "b", "B5": 1}))
        assert rows == [[], [], ["", "a", "", "b"], [], ["", 1, "", ""]]

    def test_long_sheets_come_in_batches_and_number_their_rows(self):
        table = [[at, f"n{at}"] for at in range(3000)]
        batches = list(ExcelReader(io.BytesIO(f.as_xlsx(table))))
        assert [row for batch in batches for row in batch.rows] == table
        assert [batch.first_line for batch in batches] == [0, 512, 1024, 1536, 2048, 2560]
        assert batches[1].text_line(0) == 513

    def test_cells_with_errors_and_formulas_without_value_are_told(self):
        rows, findings = read(workbook({"A1": "n", "A2": "=1+1", "A3": "#DIV/0!", "A4": "#REF!"}))
        assert rows == [["n"], [], [], []][: len(rows)]
        found = {finding.code: finding.count for finding in findings}
        assert found == {"error-cells": 2, "formulas-without-value": 1}


class TestSheets:
    def test_the_first_sheet_that_is_not_hidden_is_read_and_the_others_are_listed(self):
        book = f.as_xlsx(before=[("secret", "hidden", [["h"]])], sheets=[("v", "veryHidden", [])])
        rows, findings = read(book)
        assert rows[0] == f.HEADERS
        assert findings[0].message == (
            "only the sheet 'orders' was read; there are also 'secret' (hidden), 'v' (hidden)"
        )

    def test_a_hidden_sheet_is_read_when_it_is_asked_for(self):
        book = f.as_xlsx(sheets=[("two", "hidden", [[2]])])
        assert read(book, "two") == ([[2]], ())
        assert read(book, 1) == ([[2]], ())
        assert read(book, "1") == ([[2]], ())

    @pytest.mark.parametrize("sheet", ["three", 2, -1, "2", "", 10**9])
    def test_a_sheet_that_is_not_there_is_told_with_those_that_are(self, sheet):
        error = refused(f.as_xlsx(sheets=[("two", "hidden", [])]), sheet)
        assert error.hint == "its sheets are 'orders', 'two' (hidden)"

    def test_a_sheet_called_as_a_number_goes_before_the_index(self):
        assert read(f.as_xlsx(sheets=[("0", "visible", [["zero"]])]), "0")[0] == [["zero"]]


class TestHostile:
    def test_cells_in_far_corners_are_no_end_of_this_process(self):
        error = refused(workbook({"A1": 1, "XFD1048576": 2}))
        assert "MB of memory" in error.message
        assert "a cell far away from the others" in error.hint

    def test_a_bomb_is_refused_before_it_is_opened(self):
        def blown_up(name, content):
            return content + b" " * (8 << 20) if name.endswith("sheet1.xml") else content

        bomb = repacked(f.as_xlsx(), blown_up)
        assert len(bomb) < 1 << 16
        assert "unpacks to" in refused(bomb, unpacked_bytes=4 << 20).message

    def test_a_bomb_that_lies_about_its_size_meets_the_bounds_of_the_child(self):
        deflated = zlib.compress(b"<row/>" * (10 << 20))[2:-4]
        refused(_lying(f.as_xlsx(), deflated), cpu_s=20)

    def test_repeated_rows_of_a_small_file_are_bounded(self):
        def repeated(name, content):
            attributes = b'<table:table-row table:number-rows-repeated="1048576">'
            cell = b'<table:table-cell table:number-columns-repeated="16384" '
            return (
                content.replace(b"<table:table-row>", attributes).replace(
                    b"<table:table-cell ", cell
                )
                if name == "content.xml"
                else content
            )

        refused(repacked(f.as_ods(), repeated), memory_bytes=1 << 30, cpu_s=30)

    def test_entities_are_not_expanded(self):
        def laughing(name, content):
            if name != "xl/sharedStrings.xml":
                return content
            lines = b"".join(
                b'<!ENTITY l%d "%s">' % (at, b"&l%d;" % (at - 1) * 10) for at in range(1, 10)
            )
            head = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY l0 "lol">' + lines + b"]>"
            return head + content.replace(b"name", b"&l9;")

        try:
            rows, _ = read(repacked(f.as_xlsx(), laughing), memory_bytes=1 << 30, cpu_s=30)
        except InputError:
            return
        assert max(len(str(cell)) for row in rows for cell in row) < 1000

    def test_a_workbook_is_not_larger_than_it_may_be(self):
        assert "larger than" in refused(f.as_xlsx(), file_bytes=100).message

    def test_a_workbook_takes_no_longer_than_it_may(self):
        def long(name, content):
            rows = b"<row><c><v>1</v></c></row>" * 4_000_000
            return (
                content.replace(b"</sheetData>", rows + b"</sheetData>")
                if "sheet1" in name
                else content
            )

        assert "longer than 1 s" in refused(repacked(f.as_xlsx(), long), cpu_s=1).message

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"PK\x03\x04",
            b"PK\x05\x06" + bytes(18),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
            b"id,name\n1,2\n",
            f.as_xlsx()[:-100],
            f.as_xlsx()[:500],
            repacked(f.as_xlsx(), lambda name, content: b"" if "sheet1" in name else content),
            repacked(f.as_xlsx(), lambda name, content: b"<x" if "workbook" in name else content),
        ],
        ids=range(9),
    )
    def test_what_is_broken_is_refused(self, data):
        refused(data)

    def test_an_old_file_that_asks_for_much_memory_gets_little(self):
        assert "memory" in refused(_looping()).message

    def test_changed_bytes_are_read_or_refused(self):
        chance = random.Random(3)  # noqa: S311 - a test
        for good in (f.as_xlsx(), f.as_ods()):
            for _ in range(15):
                data = bytearray(good)
                for _ in range(chance.randrange(1, 20)):
                    data[chance.randrange(len(data))] = chance.randrange(256)
                try:
                    read(bytes(data), cpu_s=20)
                except InputError:
                    continue

    def test_a_reader_that_is_left_leaves_no_process(self):
        table = [[at, "x" * 100] for at in range(20_000)]
        batches = cast("Any", iter(ExcelReader(io.BytesIO(f.as_xlsx(table)))))
        next(batches)
        batches.close()


def _lying(good, deflated):
    """Return a workbook whose sheet unpacks to far more than its directory says."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(good)) as package:
        for name in package.namelist():
            parts[name] = package.read(name)
    out, directory = bytearray(), bytearray()
    for name, content in parts.items():
        packed = deflated if "sheet1.xml" in name else zlib.compress(content)[2:-4]
        head = struct.pack(
            "<HHHHHIIIHH",
            20,
            0,
            8,
            0,
            0x21,
            zlib.crc32(content),
            len(packed),
            len(content),
            len(name),
            0,
        )
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + head
            + struct.pack("<HHHII", 0, 0, 0, 0, len(out))
            + name.encode()
        )
        out += b"PK\x03\x04" + head + name.encode() + packed
    count = len(parts)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(out), 0)
    return bytes(out + directory) + b"PK\x05\x06" + end


def _looping():
    """Return an OLE file whose chain of sectors never ends."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(2000)
    )
