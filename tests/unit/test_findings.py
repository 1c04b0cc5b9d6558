"""Every code of a finding has its meaning, which users look up."""

from typing import get_args

from preboard.diagnostics import FINDINGS, FindingCode


def test_every_code_has_a_meaning():
    assert list(FINDINGS) == sorted(get_args(FindingCode))
