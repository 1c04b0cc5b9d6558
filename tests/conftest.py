"""What the tests of all folders share."""

from __future__ import annotations

import sys

import pytest

from preboard.engine.compile import plan_of
from preboard.language import check, statement
from preboard.language.functions import own
from preboard.language.functions.library import functions


@pytest.fixture
def own_functions_forgotten(monkeypatch):
    """Forget functions of users behind a test: they are allowed for a whole process."""
    before, modules = dict(functions()), set(sys.modules)
    monkeypatch.setattr(own, "_forbidden", False)
    yield
    functions().clear()
    functions().update(before)
    for name in set(sys.modules) - modules:
        if name.startswith(("acme", "preboard_functions_of_", "examples.own")):
            del sys.modules[name]
    for cached in (statement._parse, plan_of, check._meant):
        cached.cache_clear()
