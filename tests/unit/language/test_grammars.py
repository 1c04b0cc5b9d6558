"""The stored tables of the grammars: the same parser, sooner."""

import json

import lark
import pytest

from preboard.language import grammars

TEXTS = {
    "scan.lark": ["[*]", "[1*]", "[3+5-9]", "[ 4% ]", "[2+7*]"],
    "match.lark": [
        "[]",
        '[ #name == "x" ~note~ @n.onmatch = count() ]',
        '[ yes() -> print("$.csvpath.line_number") @t = $g.variables.x #"a b" ]',
        "[ line(string.notnone(#0, 1, 2), integer()) or(#a, @b.c, -1.5e3, /x\\/y/) ]",
    ],
}


class _Same(lark.Transformer):
    """Leaves the tree as it is."""


def stored(name):
    """Return the parser from the stored tables, and fail if it was built instead."""
    assert grammars.is_current(name), "run `python -m preboard.language.grammars`"
    return grammars.parser_of(name, _Same())


@pytest.mark.parametrize("name", grammars.GRAMMARS)
def test_the_same_trees(name):
    """The stored tables give the trees that the grammar gives."""
    built, quick = grammars.build(name, _Same()), stored(name)
    for text in TEXTS[name]:
        assert quick.parse(text) == built.parse(text)


@pytest.mark.parametrize("name", grammars.GRAMMARS)
@pytest.mark.parametrize("text", ["[", "[ == ]", "[ #a = ", "[*", "[ % ]", "]"])
def test_the_same_expectations(name, text):
    """At a mistake both expect the same tokens at the same place."""
    found = []
    for parser in (grammars.build(name, _Same()), stored(name)):
        with pytest.raises(lark.UnexpectedInput) as caught:
            parser.parse(text)
        error = caught.value
        expected = getattr(error, "expected", None) or getattr(error, "allowed", None)
        found.append((type(error), error.pos_in_stream, expected))
    assert found[0] == found[1]


class TestOutOfDate:
    @pytest.fixture
    def kept(self, monkeypatch):
        """Give the stored tables as they may be changed by a test."""
        tables = json.loads(json.dumps(grammars._stored()))
        monkeypatch.setattr(grammars, "_stored", lambda: tables)
        return tables

    @pytest.mark.parametrize("place", [0, 1])
    def test_another_origin(self, kept, place):
        """Tables of another version of lark, or of another text, are not taken."""
        kept["scan.lark"]["made_from"][place] = "another"
        kept["scan.lark"]["data"] = {}
        assert not grammars.is_current("scan.lark")
        assert grammars.parser_of("scan.lark", _Same()).parse("[*]").data == "start"

    def test_none(self, kept):
        """Without tables the grammar is built."""
        kept.clear()
        assert grammars.parser_of("scan.lark", _Same()).parse("[*]").data == "start"

    def test_written(self, tmp_path):
        """What is written are the tables of every grammar, as plain data."""
        path = tmp_path / "grammars.json"
        grammars.write(path)
        assert set(json.loads(path.read_text())) == set(grammars.GRAMMARS)
