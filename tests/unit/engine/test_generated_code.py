"""Generated code: what may stand in it, and that it is the same each time."""

from __future__ import annotations

import ast
import json
import warnings
from pathlib import Path

import pytest

from preboard.engine.compile import compiled, plan_of
from preboard.engine.generate import Options, generate
from preboard.errors import StatementError
from preboard.language.statement import Statement

CASES = Path(__file__).parents[2] / "conformance" / "language.jsonl"
HEADERS = ("id", "name", "city", "age", 'x"]; import os #', "\n__import__('os')")
OPTIONS = [
    Options(),
    Options(stops_on_error=True, votes_stand=True, keeps=True, drops=True, explains=True),
]


def statements():
    """Return the texts of all recorded statements that parse."""
    found: dict[str, None] = {}
    for line in CASES.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["csvpath"]
        try:
            Statement.parse(text)
        except StatementError:
            continue
        found[text] = None
    return list(found)


HOSTILE = [
    """$[*][ #"]; import os #" == "'); __import__('os') #" ]""",
    """$[*][ #"\n__import__('os')" == "x" @a-b.c-d = #"x'''" ]""",
    """$[*][ print("{run.stop()} $.variables.x") push("n\n", /a"b/) ]""",
]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "all"])
def test_only_known_names_and_constants_stand_in_it(options):
    """No name, attribute or import comes from the text of a statement or from headers."""
    for text in [*statements(), *HOSTILE]:
        tree = ast.parse(compiled(text, HEADERS, options)[0])
        for node in ast.walk(tree):
            assert not isinstance(node, ast.Import | ast.ImportFrom | ast.Lambda)
            if isinstance(node, ast.Attribute):
                assert isinstance(node.value, ast.Name | ast.Subscript)
                assert node.attr.isidentifier()
                assert not node.attr.startswith("_")
            if isinstance(node, ast.Name):
                assert node.id.isidentifier()
                assert not node.id.startswith("_")
                assert node.id in KNOWN or node.id.rstrip("0123456789_") in NUMBERED, node.id


KNOWN = {
    "run", "V", "keep", "drop", "rows", "row", "r", "number", "last_number", "scans", "matches",
    "ok", "bad", "is_last", "error", "in_scan", "is_empty", "truth", "same", "tracked", "cell",
    "ahead", "IndexError", "len", "Exception", "frozen", "places", "DECIMAL", "POINTED", "EMAIL",
}  # fmt: skip
NUMBERED = {"t", "v", "b", "g", "f", "a", "C", "votes", "notnone", "known", "learn", "left"}


def test_the_same_plan_gives_the_same_text():
    """Generation is deterministic: two plans of one statement give one source."""
    for text in statements():
        first = generate(plan_of(text), HEADERS, Options(keeps=True))
        plan_of.cache_clear()
        assert generate(plan_of(text), HEADERS, Options(keeps=True)) == first


def test_code_is_compiled_once_for_a_statement_and_its_headers():
    """The second file with the same headers costs no generation."""
    text = "$[*][ #id == 1 ]"
    assert compiled(text, HEADERS, Options()) is compiled(text, HEADERS, Options())
    assert compiled(text, HEADERS, Options()) is not compiled(text, ("other",), Options())


@pytest.mark.parametrize("part", ["$g.csvpaths.a", "not($g.csvpaths.a)", "$g.csvpaths.a -> fail()"])
def test_literals_warn_of_nothing(part):
    """Python warns of code that compares a literal; who runs a statement cannot help that."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled(f"$[*][ {part} ]", HEADERS, Options())
