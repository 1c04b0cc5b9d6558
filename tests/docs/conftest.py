"""Documents may allow functions of users; the tests after them have none."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _own_functions_forgotten(own_functions_forgotten):
    """Forget them behind each document."""
