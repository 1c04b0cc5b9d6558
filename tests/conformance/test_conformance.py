"""Every case of the language is met: one test a case."""

from __future__ import annotations

import json

import pytest
from tests.conformance.cases import HERE, compared, differences, load, run


@pytest.mark.parametrize("case", compared(), ids=lambda case: f"{case.set}:{case.id}")
def test_case(case, tmp_path):
    differing = differences(case, run(case, tmp_path))

    assert not differing, "\n".join([case.csvpath, *map(str, differing)])


def test_overruled_cases_are_recorded_ones():
    """The list of cases that a rule contradicts names nothing that is not there."""
    overruled = json.loads((HERE / "overruled.json").read_text(encoding="utf-8"))
    recorded = {case.id for name in ("functions-a", "functions-b") for case in load(name)}
    assert overruled.keys() <= recorded
