"""Rates: so many at once, so many in the long run, each for itself."""

import pytest

from preboard.server import rates
from preboard.server.rates import Rate


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_is_let_through_and_then_one_at_a_time(clock):
    rate = Rate(2, 3, clock)

    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 0.5
    assert [rate.take("a") for _ in range(2)] == [0, 1]


def test_the_wait_that_is_told_is_long_enough(clock):
    rate = Rate(0.1, 1, clock)
    rate.take("a")

    wait_s = rate.take("a")
    assert wait_s == 10
    clock.now += wait_s
    assert rate.take("a") == 0


def test_one_does_not_pay_for_another(clock):
    rate = Rate(1, 1, clock)
    rate.take("a")

    assert rate.take("b") == 0


def test_a_bucket_never_holds_more_than_the_burst(clock):
    rate = Rate(1, 2, clock)
    rate.take("a")
    clock.now += 1000

    assert [rate.take("a") for _ in range(3)] == [0, 0, 1]


def test_who_was_away_is_forgotten_and_there_are_never_too_many(clock, monkeypatch):
    monkeypatch.setattr(rates, "MOST_BUCKETS", 5)
    rate = Rate(1, 2, clock)
    for at in range(20):
        rate.take(f"client {at}")
    assert len(rate._buckets) == 5

    clock.now += 10
    rate.take("late")
    assert list(rate._buckets) == ["late"]
