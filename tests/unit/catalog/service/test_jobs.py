"""Jobs in the catalog: who may change one, and when."""

import pytest
from sqlalchemy import event

from preboard.catalog.service.jobs import Attempt, Jobs, NewJob, Wanted, Wish
from preboard.manifests.staging import Provenance

NOW = "2026-11-21T07:12:00.000000+00:00"


@pytest.fixture
def jobs(database):
    return Jobs(database)


def added(jobs, which="one", **wish):
    wanted = Wish(**{"file": "orders", "group": "checks", **wish})
    with jobs.database.writing() as connection:
        jobs.add(connection, NewJob(id=which, project="p1", wish=wanted, asked_by="key ci"), NOW)
    return jobs.by_id(which)


def changed(jobs, attempt, **values):
    with jobs.database.writing() as connection:
        return jobs.change(connection, attempt, values)


def test_a_job_is_kept_as_it_was_wished(jobs):
    told = Provenance(partner="Acme", protocol="sftp")
    job = added(jobs, source="s3://in/a.csv", provenance=told, timeout_s=3.5, delimiter="|")

    assert (job.kind, job.state, job.attempt, job.is_open) == ("run", "queued", 0, True)
    assert job.wish == Wish(
        file="orders", group="checks", source="s3://in/a.csv", provenance=told, timeout_s=3.5,
        delimiter="|",
    )  # fmt: skip


def test_one_without_a_group_registers(jobs):
    assert added(jobs, group=None, source="a.csv").kind == "register"


def test_an_id_is_taken_once(jobs):
    first = added(jobs)
    second = added(jobs, file="others")

    assert second == first


def test_each_claim_is_another_attempt_and_only_the_last_may_change_the_job(jobs):
    added(jobs)
    first = jobs.claim("one", "host/0", NOW)
    second = jobs.claim("one", "host/1", NOW)

    assert (first.attempt, second.attempt, second.holder) == (1, 2, "host/1")
    assert not changed(jobs, Attempt("one", 1), state="done")
    assert changed(jobs, Attempt("one", 2), progress="{}")
    assert jobs.by_id("one").state == "running"


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_has_ended_is_not_claimed_and_not_changed(jobs, state):
    added(jobs)
    jobs.claim("one", "host/0", NOW)
    changed(jobs, Attempt("one", 1), state=state)

    assert jobs.claim("one", "host/1", NOW) is None
    assert not changed(jobs, Attempt("one", 1), state="running")
    assert not jobs.fail(Attempt("one", 1), "x", "x", NOW)


def test_one_that_is_to_be_cancelled_is_not_claimed(jobs):
    added(jobs)
    jobs.claim("one", "host/0", NOW)
    with jobs.database.writing() as connection:
        assert jobs.ask_to_cancel(connection, "one", "me")

    assert jobs.claim("one", "host/0", NOW) is None
    assert jobs.standing(["one"])["one"].to_end
    assert jobs.end_cancelled("one", NOW)
    ended = jobs.by_id("one")
    assert (ended.error, ended.attempt) == ("cancelled by me", 1)
    assert not changed(jobs, Attempt("one", 1), state="done")


def test_one_that_nobody_wants_cancelled_is_not_ended_as_such(jobs):
    added(jobs)

    assert not jobs.end_cancelled("one", NOW)


def test_one_that_waits_can_be_ended_and_one_that_runs_cannot(jobs):
    added(jobs)
    added(jobs, "two")
    jobs.claim("two", "host/0", NOW)
    with jobs.database.writing() as connection:
        assert jobs.end_queued(connection, "one", {"state": "cancelled"})
        assert not jobs.end_queued(connection, "two", {"state": "cancelled"})


def test_pages_go_on_where_the_last_one_ended(jobs):
    for number in range(7):
        added(jobs, f"job {number}")
    wanted = Wanted(projects=["p1"])
    first = jobs.page(wanted, 3)
    second = jobs.page(wanted, 3, before=first[-1].seq)
    oldest = jobs.page(wanted, 3, newest_first=False)

    assert [job.id for job in first + second] == [f"job {n}" for n in (6, 5, 4, 3, 2, 1)]
    assert [job.id for job in oldest] == ["job 0", "job 1", "job 2"]


def test_jobs_are_asked_for_by_what_they_are(jobs):
    added(jobs, "run")
    added(jobs, "register", group=None, source="a.csv")
    added(jobs, "other", group="more")
    jobs.claim("other", "host/0", NOW)

    def found(**wanted):
        return {job.id for job in jobs.page(Wanted(**wanted), 10)}

    assert found(kind="register") == {"register"}
    assert found(group="more") == {"other"}
    assert found(states=["queued"]) == {"run", "register"}
    assert found(projects=["p2"]) == set()
    assert found(projects=[]) == set()
    assert found(since=NOW) == {"run", "register", "other"}
    assert found(until=NOW) == set()
    assert jobs.count(Wanted(named_file="orders")) == 3


def test_what_fails_when_it_is_to_be_cancelled_is_cancelled(jobs):
    added(jobs, "one")
    attempt = Attempt("one", jobs.claim("one", "w", NOW).attempt)
    with jobs.database.writing() as connection:
        assert jobs.ask_to_cancel(connection, "one", "ann")

    assert jobs.fail(attempt, "input", "its file is gone", NOW)
    ended = jobs.by_id("one")
    assert (ended.state, ended.reason, ended.error) == (
        "cancelled",
        "cancelled",
        "cancelled by ann",
    )


@pytest.mark.parametrize("count", [0, 1, 3, 64, 70])
def test_those_of_many_that_have_ended_are_told(jobs, count):
    names = [f"job {at}" for at in range(count)]
    for name in names[::2]:
        added(jobs, name)
        attempt = Attempt(name, jobs.claim(name, "w", NOW).attempt)
        assert jobs.fail(attempt, "input", "no", NOW)
    for name in names[1::2]:
        added(jobs, name)

    assert sorted(each.id for each in jobs.ended(names)) == sorted(names[::2])


def test_pages_of_any_length_are_few_statements(jobs):
    for number in range(40):
        added(jobs, f"job {number}")
    asked: set[str] = set()
    event.listen(jobs.database.engine, "before_cursor_execute", lambda *told: asked.add(told[2]))
    for most in range(1, 41):
        assert len(jobs.page(Wanted(), most)) == most

    assert len([text for text in asked if " IN (" in text]) == 7  # 1, 2, 4, ... 64


def postponed(jobs, attempt, until="2026-11-21T08"):
    with jobs.database.writing() as connection:
        return jobs.postpone(connection, attempt, until, "not_found", "it is not there")


def test_a_job_that_is_postponed_waits_for_its_time_and_is_taken_up_once(jobs):
    added(jobs, source="a.csv", announced=True)
    jobs.claim("one", "host/0", NOW)
    assert postponed(jobs, Attempt("one", 1))
    waits = jobs.by_id("one")
    assert (waits.state, waits.reason, waits.error) == ("queued", "not_found", "it is not there")
    assert jobs.due("2026-11-21T07:59") == []
    [due] = jobs.due("2026-11-21T08")
    with jobs.database.writing() as connection:
        assert jobs.take_up(connection, due)
        assert not jobs.take_up(connection, due)
    again = jobs.claim("one", "host/0", NOW)
    assert (again.attempt, again.again, again.reason, again.error) == (2, None, None, None)


def test_a_job_is_postponed_by_its_last_attempt_and_not_when_it_is_to_be_cancelled(jobs):
    added(jobs, source="a.csv", announced=True)
    jobs.claim("one", "host/0", NOW)
    jobs.claim("one", "host/1", NOW)
    assert not postponed(jobs, Attempt("one", 1))
    with jobs.database.writing() as connection:
        jobs.ask_to_cancel(connection, "one", "me")
    assert not postponed(jobs, Attempt("one", 2))


def test_only_what_waits_is_hastened(jobs):
    for which in ("one", "two"):
        added(jobs, which, source="a.csv", announced=True)
    jobs.claim("one", "host/0", NOW)
    postponed(jobs, Attempt("one", 1))
    with jobs.database.writing() as connection:
        for which in ("one", "two"):
            jobs.hasten(connection, which, "2026-11-21T07:30")

    assert [job.id for job in jobs.due("2026-11-21T07:30")] == ["one"]
    assert jobs.by_id("two").again is None
