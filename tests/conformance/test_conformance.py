"""Every case of the language is met: one test a case."""

from __future__ import annotations

import pytest
from tests.conformance.cases import compared, differences, run


@pytest.mark.parametrize("case", compared(), ids=lambda case: f"{case.set}:{case.id}")
def test_case(case, tmp_path):
    differing = differences(case, run(case, tmp_path))

    assert not differing, "\n".join([case.csvpath, *map(str, differing)])
