"""The collector's threshold is raised while runs go on, and never left so."""

from __future__ import annotations

import gc
import io

import pytest

import preboard
from preboard.engine.collector import OBJECTS, patient_collector


@pytest.fixture(autouse=True)
def host():
    """Give the test a threshold of its own, and the process its old one."""
    found = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*found)


def test_it_is_put_back_behind_the_last_of_several_runs():
    with patient_collector():
        with patient_collector():
            assert gc.get_threshold() == (OBJECTS, 10, 10)
        assert gc.get_threshold() == (OBJECTS, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_it_is_put_back_when_a_run_breaks():
    with pytest.raises(preboard.DataError):
        preboard.validate("$[1*][ integer(#n) ]", io.BytesIO(b"n\nx\n"), on_error=["raise"])
    assert gc.get_threshold() == (700, 10, 10)


def test_it_is_put_back_when_lines_are_not_read_to_the_end():
    with preboard.scan("$[*][ yes() ]", io.BytesIO(b"n\n" + b"1\n" * 5000)) as lines:
        next(lines)
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("first", [0, OBJECTS + 1])
def test_a_host_that_has_none_or_more_keeps_its_own(first):
    gc.set_threshold(first, 10, 10)
    with patient_collector():
        assert gc.get_threshold() == (first, 10, 10)
    assert gc.get_threshold() == (first, 10, 10)


def test_what_the_host_sets_meanwhile_stays():
    with patient_collector():
        gc.set_threshold(900, 5, 5)
    assert gc.get_threshold() == (900, 5, 5)
