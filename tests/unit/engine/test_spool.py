"""Sequences that do not grow in memory."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.engine.spool import Spool


def test_what_is_spilled_is_not_held():
    """Large items need not wait until there are many."""
    spool: Spool[str] = Spool()
    tracemalloc.start()
    for _ in range(20):
        spool.append("x" * 1_000_000)
        spool.spill()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
    assert [len(item) for item in spool] == [1_000_000] * 20


def filled(items, in_memory):
    spool: Spool[object] = Spool(in_memory)
    for item in items:
        spool.append(item)
    return spool


@given(st.lists(st.integers()), st.integers(1, 5))
def test_a_spool_is_the_list_of_what_went_in(items, in_memory):
    """However much of it lies on disk, it reads as a list."""
    spool = filled(items, in_memory)
    assert list(spool) == items
    assert len(spool) == len(items)
    assert spool == items
    assert [spool[i] for i in range(len(items))] == items
    assert [spool[-i - 1] for i in range(len(items))] == items[::-1]
    assert spool[1:3] == items[1:3]


@given(st.lists(st.integers(), max_size=20), st.integers(1, 4))
def test_reading_does_not_disturb_writing(items, in_memory):
    """What is appended while the spool is gone over is not lost."""
    spool: Spool[object] = Spool(in_memory)
    for item in items:
        spool.append(item)
        assert list(spool)[-1] == item
    assert list(spool) == items


def test_an_index_behind_the_end_is_an_index_error():
    """As with a list."""
    with pytest.raises(IndexError):
        filled([1, 2, 3], 2)[3]


def test_memory_stays_flat():
    """A hundred thousand long texts cost no more memory than those held back."""
    tracemalloc.start()
    spool: Spool[object] = Spool(100)
    for i in range(100_000):
        spool.append(f"{i:>100}")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(spool) == 100_000
    assert peak < 1_000_000
