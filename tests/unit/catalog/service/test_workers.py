"""The leases of workers."""

import time

import pytest

from preboard.catalog.service.workers import Leases

NOW = "2026-11-21T07:12:00.000000+00:00"


@pytest.fixture
def leases(database):
    return Leases(database)


def test_a_lease_holds_until_its_time_is_over(leases):
    leases.enter("one/0", "one", "boot", NOW, 0.3)
    leases.enter("two/0", "two", "boot", NOW, 30)

    assert leases.expired() == []
    time.sleep(0.4)
    assert [row.live for row in leases.all()] == [False, True]
    [(executor, until)] = leases.expired()
    assert executor == "one/0"
    leases.forget(executor, until)
    assert leases.expired() == []
    assert [row.executor for row in leases.all()] == ["two/0"]


def test_a_worker_that_has_come_back_keeps_its_lease(leases):
    leases.enter("one/0", "one", "boot", NOW, 0.1)
    time.sleep(0.2)
    [(executor, until)] = leases.expired()
    leases.enter("one/0", "one", "boot", NOW, 30)
    leases.forget(executor, until)

    assert [row.live for row in leases.all()] == [True]


def test_a_lease_is_renewed_by_the_start_that_has_it(leases):
    leases.enter("one/0", "one", "first", NOW, 0.2)
    assert leases.renew("one/0", "first", 30)
    leases.enter("one/0", "one", "second", NOW, 30)

    assert not leases.renew("one/0", "first", 30)
    assert leases.renew("one/0", "second", 30)
    time.sleep(0.3)
    assert leases.expired() == []


def test_two_hosts_do_not_work_under_one_name(leases):
    assert leases.enter("local/0", "one", "a", NOW, 0.3) is None
    assert leases.enter("local/0", "two", "b", NOW, 30) == "one"
    time.sleep(0.4)
    assert leases.enter("local/0", "two", "b", NOW, 30) is None


def test_a_worker_is_ready_from_its_start_to_its_draining(leases):
    def is_ready():
        [row] = leases.all()
        return row.is_ready

    leases.enter("one/0", "one", "a", NOW, 30)
    assert not is_ready()
    leases.note("one/0", "a", takes_jobs=True)
    assert is_ready()
    leases.note("one/0", "other", takes_jobs=False)
    assert is_ready()
    leases.note("one/0", "a", takes_jobs=False)
    assert not is_ready()


def test_a_worker_leaves(leases):
    leases.enter("one/0", "one", "a", NOW, 30)
    leases.note("one/0", "a", takes_jobs=True)
    leases.leave("one/0", "other")
    assert len(leases.all()) == 1
    leases.leave("one/0", "a")
    assert [(row.live, row.is_ready) for row in leases.all()] == [(False, False)]
    # What it may have left is adopted.
    assert [executor for executor, _ in leases.expired()] == ["one/0"]
