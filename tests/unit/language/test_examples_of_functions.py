"""Every function of the language has an example, and the example shows the function."""

import importlib.util
import re
from pathlib import Path

import pytest

import preboard
from preboard.language import nodes as n
from preboard.language.functions.library import functions
from preboard.language.functions.registry import Example, documented
from preboard.language.parser import parse

MODULE = Path(__file__).parents[3] / "docs" / "function_examples.py"
FUNCTIONS = {own.name: own for own in functions().values() if own.origin is None}

NEEDS_PROJECT = {"import"}
"""Functions of which a run alone has nothing to show: their examples are refused, and say why."""


def _load():
    spec = importlib.util.spec_from_file_location("function_examples", MODULE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


examples = _load()


@pytest.fixture(scope="module", autouse=True)
def _samples():
    with examples.samples():
        yield


@pytest.fixture(params=sorted(FUNCTIONS))
def function(request):
    found = FUNCTIONS[request.param]
    assert found.example, f"the docstring of {found.name}() ends without an example"
    return found


def _calls(node):
    """Return the names of all calls in a part of a statement."""
    found = {node.name} if isinstance(node, n.Call) else set()
    for name in getattr(node, "__dataclass_fields__", ()):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, n.Node):
                found |= _calls(part)
    return found


def test_an_example_calls_its_function(function):
    components = parse(function.example.statement)[0].components
    called = {name for component in components for name in _calls(component)}

    assert called & {function.name, *function.aliases}


def test_an_example_is_right(function):
    """It has no mistake, and nothing that is warned of."""
    if function.name in NEEDS_PROJECT:
        with pytest.raises(preboard.StatementError) as refused:
            preboard.Statement.parse(function.example.statement)
        assert [finding.code for finding in refused.value.diagnostics] == ["needs-project"]
        return

    assert preboard.Statement.parse(function.example.statement).warnings == ()


def test_an_example_does_something(function):
    assert examples.outcome(function.example) != examples.idle_outcome(function.example)


def test_errors_of_an_example_are_those_it_shows(function):
    """They are made by error(), by the function itself, or by the types of a schema it is of."""
    if function.name in NEEDS_PROJECT:
        return
    members = {name for name, other in FUNCTIONS.items() if other.member}
    makers = {"error", function.name}
    makers |= members if function.schema or function.member else set()

    report = preboard.validate(function.example.statement, function.example.data)

    rules = [error.rule or "" for error in report.errors]
    assert [
        rule for rule in rules if not makers & set(re.findall(r"([a-z_]+)[\w.]*\(", rule))
    ] == []


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Adds.", ("Adds.", None)),
        ("Adds.\n\n    More.\n    ", ("Adds.\n\nMore.", None)),
        ("Adds.\n\n    Example::\n\n        $[*][]\n    ", ("Adds.", Example("$[*][]"))),
        ("Adds.\n\n    Example on a.json::\n\n        x\n", ("Adds.", Example("x", "a.json"))),
        ("Adds.\n\n    Example::\n\n        a\n            b", ("Adds.", Example("a\n    b"))),
        ("Adds; an Example:: is none.", ("Adds; an Example:: is none.", None)),
    ],
)  # fmt: skip
def test_the_example_is_kept_apart_from_what_is_said(docstring, expected):
    assert documented(docstring) == expected
