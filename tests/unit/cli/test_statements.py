"""Rules of preboard.cli.statements: pieces of a checks file, and findings at their place."""

import pytest

from preboard.cli.statements import (
    FaultyStatementsError,
    Finding,
    Piece,
    parse_pieces,
    placed,
    read_pieces,
)
from preboard.diagnostics import Diagnostic, Span
from preboard.errors import StatementError
from preboard.language.pieces import split


@pytest.mark.parametrize(
    ("whole", "pieces"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n---- CSVPATH ----\nb\n", ["a\n", "b\n"]),
        ("a\r\n\t---- CSVPATH ---- \r\nb", ["a\r\n", "b"]),
        ("---- CSVPATH ----", ["", ""]),
        ("a\n--- CSVPATH ---\nb", ["a\n--- CSVPATH ---\nb"]),
        ("a\n---- CSVPATH ---- b", ["a\n---- CSVPATH ---- b"]),
        ("a\n---- csvpath ----\nb", ["a\n---- csvpath ----\nb"]),
    ],
)
def test_only_a_whole_line_separates(whole, pieces):
    found = list(split(whole))

    assert [text for _, text in found] == pieces
    assert all(whole[at : at + len(text)] == text for at, text in found)


def test_pieces_come_in_the_order_texts_then_files(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("$[1][]\n---- CSVPATH ----\n\n---- CSVPATH ----\n$[2][]")
    two.write_text("$[3][]")

    pieces = read_pieces(["$[4][]", "$[5][]"], [two, one])

    assert [(piece.name, piece.text.strip()) for piece in pieces] == [
        ("<statement 1>", "$[4][]"),
        ("<statement 2>", "$[5][]"),
        (str(two), "$[3][]"),
        (str(one), "$[1][]"),
        (str(one), "$[2][]"),
    ]


def test_findings_of_all_pieces_come_together(tmp_path):
    path = tmp_path / "checks"
    path.write_text("$[*][ xyzzy() ]\n---- CSVPATH ----\n\n$[*][\n plugh() ]")

    with pytest.raises(FaultyStatementsError) as caught:
        parse_pieces(read_pieces(["$[*][ yes() ]"], [path]))

    assert [finding.place for finding in caught.value.findings] == [(1, 7), (5, 2)]
    assert caught.value.message == "2 mistakes in the statements"


def test_an_error_of_a_run_finds_its_piece():
    whole = "one\ntwo"
    piece = Piece("two", "checks", whole, 4)
    error = StatementError([Diagnostic("code", "message", Span(1, 2))], "two")

    assert placed(error, [Piece("one", "checks", whole), piece]).findings[0].place == (2, 2)
    assert placed(error, []).findings[0].piece.name == "<statement>"


def test_an_end_without_text_is_drawn():
    """A finding may stand behind the last character."""
    finding = Finding(Piece("ab", "checks", "ab"), Diagnostic("code", "message", Span(2, 3)))

    assert finding.render() == "checks:1:3 error[code]: message\n  ab\n    ^"
