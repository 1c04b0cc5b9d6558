"""docs/differences.md tells of every case in which the reference is no example to follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conformance.cases import compared, load

DOCUMENT = (Path(__file__).parents[2] / "docs" / "differences.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`((?:lang|rule)\.[\w.-]+)`", DOCUMENT))
DECIDED = load("decided")


def test_every_open_case_is_decided():
    assert [case.id for case in DECIDED] == [case.id for case in load("language") if case.open]


def test_decided_cases_ask_what_the_recorded_ones_ask():
    recorded = {case.id: case for case in load("language")}

    for case in DECIDED:
        other = recorded[case.id]
        assert (case.csvpath, case.data, case.options) == (
            other.csvpath,
            other.data,
            other.options,
        ), case.id


def test_decided_cases_pass_through_the_runner():
    assert {case.id for case in DECIDED} <= {case.id for case in compared(["decided"])}


@pytest.mark.parametrize("case", DECIDED, ids=lambda case: case.id)
def test_decided_case_is_explained(case):
    assert case.decided
    assert case.id in NAMED


def test_documented_cases_exist():
    known = {case.id for name in ("language", "decided", "rules") for case in load(name)}

    assert NAMED - known == set()
