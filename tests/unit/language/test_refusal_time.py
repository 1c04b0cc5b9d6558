"""A refusal is quick, however the text was made: its time grows with the length at most."""

import time

import pytest

from preboard.errors import StatementError
from preboard.language.print_text import parse_print_text
from preboard.language.statement import MOST_FINDINGS, Statement

NUMBER = 20_000


@pytest.mark.parametrize(
    "text",
    [
        f"$[*][ {'f' * NUMBER}() g ]",
        f'$[*][ #{"1" * NUMBER} "a" ]',
        f'$[*][ f({"x1" * NUMBER}()) "a" ]',
        "$[*][ f(/" + r"\/" * NUMBER + '/) "a" ]',
        f'$[*][ {"f() " * 4_000} "a" ]',
        f"$[*][ {'~~ ' * 4_000} -> ]",
        f"$[*][ yes({' ' * NUMBER} g ]",
        f"$[*][ {'nosuch() ' * 6_000} ]",
        f"$[*][ {'nosuch' * NUMBER}() ]",
        f"$[*][ {'#a.onmatc ' * 6_000} nosuch() ]",
        f"{'~ a: b ~' * NUMBER} $[*][ nosuch() ]",
        f"{'~~ x ' * NUMBER} $[*][ nosuch() ]",
        f"$[*][ nosuch() ] {'~~ x ' * NUMBER}",
    ],
    ids=lambda text: text[:20],
)
def test_refusal(text):
    """Long names, numbers, regexes, comments and many findings: refused and drawn in a second."""
    start = time.perf_counter()
    with pytest.raises(StatementError) as error:
        Statement.parse(text)
    assert error.value.render()
    assert time.perf_counter() - start < 2


def test_number_of_findings():
    """Of very many findings the first are told."""
    with pytest.raises(StatementError) as error:
        Statement.parse(f"$[*][ {'nosuch() ' * 500} ]")
    assert len(error.value.diagnostics) == MOST_FINDINGS


def test_print_text_of_dollar_signs():
    """The text of print() is cut in a time that grows with its length."""
    start = time.perf_counter()
    assert parse_print_text("$" * 200_000) == ("$" * 200_000,)
    assert time.perf_counter() - start < 2
