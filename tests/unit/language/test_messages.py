"""What a mistake is told: messages.jsonl has a line for each kind of mistake that people make.

A line holds a name, the statement, and of its first finding the code, line and column, the message
and the hint; `shown` is the text under the caret.
"""

import json
from pathlib import Path

import pytest

from preboard.errors import StatementError
from preboard.language.statement import Statement

LINES = (Path(__file__).parent / "messages.jsonl").read_text(encoding="utf-8").splitlines()
CASES = [json.loads(line) for line in LINES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_message(case):
    """The finding has the code, the place, the message and the hint that the file says."""
    text = case["text"]
    with pytest.raises(StatementError) as error:
        Statement.parse(text)
    finding = error.value.diagnostics[0]
    assert {
        "code": finding.code,
        "place": list(finding.span.place(text)),
        "shown": text[finding.span.start : finding.span.end],
        "message": finding.message,
        "hint": finding.hint,
    } == {key: case[key] for key in ("code", "place", "shown", "message", "hint")}


def test_names_are_distinct():
    """No two lines have the same name or the same statement."""
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert len({case["text"] for case in CASES}) == len(CASES)


def test_style_of_messages():
    """A message begins in lower case or with what it quotes, and ends without a full stop."""
    for case in CASES:
        assert case["message"][0].islower() or case["message"][0] == "`", case["id"]
        assert not case["message"].endswith("."), case["id"]
