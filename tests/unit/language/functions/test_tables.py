"""Printed lines and tables where no recorded case tells."""

import csv
import io

import preboard
from preboard.language.functions.tables import draw_table


def printed(statement, text):
    report = preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")
    assert not report.errors
    return list(report.printouts["default"])


def test_a_printed_line_reads_as_the_line_it_was():
    rows = [["a,b", 'c"d', ""], ["", "two\nlines", "x"], ["", "", ""]]
    text = io.StringIO()
    csv.writer(text).writerows([["x", "y", "z"], *rows])

    lines = printed("$[1*][ print_line() ]", text.getvalue())

    assert list(csv.reader(io.StringIO("\n".join(lines)))) == rows


def test_quotes_round_every_value_are_doubled_inside():
    assert printed('$[1][ print_line("", ";", "single") ]', "a,b\nit's,2\n") == ["'it''s';'2'"]


def test_a_text_of_a_table_is_the_text_of_the_file():
    (table,) = printed("$[1][ row_table() ]", "a,b\n007,1.50\n")
    assert "007" in table
    assert "1.50" in table


def test_a_row_table_shows_surplus_and_missing_fields():
    first, second = printed("$[1-2][ row_table() ]", "a,b\n1\n1,2,3\n")
    assert "#b (#1)" in first
    assert "# (#2)" in second


def test_lines_of_a_table_are_equally_wide_for_wide_letters():
    table = draw_table(["名", "n"], [["漢字", "1"], ["a\nb", "-2.5"]])
    wide = [line.count("名") + line.count("漢") + line.count("字") for line in table.splitlines()]
    widths = {len(line) + more for line, more in zip(table.splitlines(), wide, strict=True)}
    assert len(widths) == 1


def test_hidden_memories_are_no_variables_of_a_table():
    (table,) = printed("$[1][ counter() @x = 1 var_table() ]", "a\n1\n")
    assert "_intx_" not in table


def test_run_table_shows_metadata_apart_from_modes():
    texts = printed("~ owner: Ann return-mode: matches ~ $[1][ run_table() ]", "a\n1\n")
    assert [text for text in texts if "│" not in text] == ["Metadata", "Runtime data"]
    assert "│ return-mode " not in texts[1]
    assert "│ return-mode " in texts[3]


def test_run_table_of_a_statement_without_a_comment_is_two_printouts():
    assert len(printed("$[1][ run_table() ]", "a\n1\n")) == 2


def test_once_and_onchange_hold_for_lines_too():
    assert printed("$[1*][ print_line.onchange() ]", "a\n1\n1\n2\n") == ["1", "2"]
    assert printed("$[1*][ row_table.once() ]", "a\n1\n2\n") == printed(
        "$[1][ row_table() ]", "a\n1\n"
    )
