"""Jobs, as workers carry them out: what they come to, what ends them, what they survive."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update
from tests.integration import postgres
from tests.integration.jobs.working import children_of, until, workplace
from tests.integration.patience import PATIENCE_S

from preboard.catalog.database import Database
from preboard.catalog.service.jobs import OPEN, NewJob, Wanted, Wish
from preboard.catalog.service.schedules import Schedule, Schedules
from preboard.catalog.service.switches import Switches
from preboard.catalog.service.tables import hosted, jobs
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound
from preboard.jobs.worker import FAILED
from preboard.manifests.staging import Provenance


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A home with one worker that nothing happens to."""
    with workplace(tmp_path_factory.mktemp("home"), memory_mb=150) as made:
        made.start_worker()
        yield made


@pytest.fixture
def own(tmp_path):
    """A home of the test's own, without workers yet."""
    with workplace(tmp_path / "home", lease_s=3.0) as made:
        yield made


def test_a_run_ends_with_its_results_published_and_its_job_done(place):
    job = place.ended(place.accept())

    assert (job.state, job.valid, job.completed, job.errors) == ("done", False, True, 1)
    assert job.attempt == 1
    with place.open() as project:
        run = project.result(job.reference)
    assert (run.id, run.valid) == (job.run, False)
    assert (run.home / "_extra_data" / "extra.json").read_text().split('"')[3] == job.id


def test_a_run_reads_the_version_it_was_accepted_with_whatever_came_since(place):
    with place.open() as project:
        first = project.register("bound", BytesIO(b"a,b\n1,2\n"), file_name="b.csv")
        project.register("bound", BytesIO(b"a,b\n3,4\n"), file_name="b.csv")
    job = place.ended(
        place.queue.accept(
            NewJob(
                id=str(uuid4()),
                project=place.project,
                wish=Wish(file="bound", group="checks"),
                asked_by="a test",
                version=first.id,
            )
        )
    )

    with place.open() as project:
        assert project.result(job.reference).manifest.named_file_uuid == first.id


@pytest.mark.parametrize(
    ("wish", "reason", "said"),
    [
        ({"file": "nothing"}, "not-found", "nothing"),
        ({"group": "nothing"}, "not-found", "nothing"),
        ({"file": "$orders.files"}, "reference", "character"),
        ({"method": "by_magic"}, "config", "by_magic"),
        ({"source": "/etc/passwd", "group": None}, "refused", "/etc/passwd"),
        ({"source": "https://127.0.0.1/x.csv", "group": None}, "refused", "https"),
    ],
)
def test_a_job_that_cannot_be_done_fails_and_says_why(place, wish, reason, said):
    job = place.ended(place.accept(**wish))

    assert job.state == "failed"
    assert job.reason == reason
    assert said in job.error
    assert place.published(job) == []


def test_a_job_is_accepted_once_under_its_id(place):
    which = str(uuid4())
    first = place.accept(id=which)
    second = place.accept(id=which)
    place.ended(first)

    assert first.seq == second.seq
    assert len(place.published(which)) == 1


def test_a_job_that_has_ended_is_not_cancelled(place):
    job = place.ended(place.accept())

    with pytest.raises(Conflict):
        place.queue.cancel(job.id, "me")
    with pytest.raises(NotFound):
        place.queue.cancel(str(uuid4()), "me")


def test_what_needs_too_much_memory_fails_and_says_so(place):
    with place.open() as project:
        project.load_group("hungry", ['$[*][ push("all", #name) push("more", #id) ]'])
    place.register_slow()
    job = place.ended(place.accept(file="large", group="hungry"))

    assert (job.state, job.reason) == ("failed", "memory")


def test_a_job_that_waits_is_cancelled_at_once(own):
    job = own.accept()

    assert own.queue.cancel(job.id, "me").state == "cancelled"
    own.start_worker()
    own.ended(own.accept())
    assert own.jobs.by_id(job.id).state == "cancelled"
    assert own.published(job) == []


def test_a_job_that_goes_on_is_cancelled_and_leaves_no_process(own):
    own.register_slow()
    worker = own.start_worker()
    job = own.running(own.accept(file="large", group="slow"))
    forks = until(lambda: [each for each in children_of(worker.pid) if children_of(each)])
    own.queue.cancel(job.id, "me")

    ended = own.ended(job)
    assert (ended.state, ended.error) == ("cancelled", "cancelled by me")
    until(lambda: not any(children_of(each) for each in forks) or None)
    assert own.published(job) == []
    until(lambda: not list(own.home.glob("projects/*/archive/slow/*/slow/data.csv")) or None)


def test_a_job_that_takes_too_long_fails(own):
    own.register_slow()
    own.start_worker(timeout_s=1.0)
    job = own.ended(own.accept(file="large", group="slow"))

    assert job.state == "failed"
    assert "longer" in job.error


def processes_of(own, *accepted):
    """Return the processes that the runs of some jobs went on in, as the log tells."""
    for job in accepted:
        assert own.ended(job).state == "done"

    def look():
        *whole, _rest = (own.home / "worker-0.log").read_text().split("\n")
        told = [json.loads(line) for line in whole]
        found = {line["job"]: line["process"] for line in told if line.get("job")}
        return [found[job.id] for job in accepted] if found.keys() >= wanted else None

    wanted = {job.id for job in accepted}
    return until(look)  # a job has ended before the log says so


def test_a_process_goes_on_with_jobs_of_its_project_and_of_no_other(own):
    worker = own.start_worker(slots=1, runs_per_process=2)
    other = own.make_project("other")
    first, second, third = processes_of(own, *(own.accept() for _ in range(3)))
    [fourth] = processes_of(own, own.accept(project=other))

    assert first == second
    assert len({second, third, fourth}) == 3
    [forks] = [each for each in children_of(worker.pid) if children_of(each)]
    until(lambda: not children_of(forks) or None)  # none waits for long


def test_each_job_has_a_process_of_its_own_if_that_is_wanted(own):
    own.start_worker(slots=1, runs_per_process=1)
    assert len(set(processes_of(own, *(own.accept() for _ in range(3))))) == 3


def test_a_process_that_dies_while_it_waits_costs_no_job(own):
    worker = own.start_worker(slots=1)
    [waits] = processes_of(own, own.accept())
    os.kill(waits, signal.SIGKILL)
    jobs = [own.accept() for _ in range(2)]

    assert waits not in processes_of(own, *jobs)
    assert worker.poll() is None


def test_a_child_that_is_killed_gets_another_attempt(own):
    own.register_slow()
    worker = own.start_worker()
    job = own.running(own.accept(file="large", group="slow", timeout_s=3))
    [forks] = [each for each in children_of(worker.pid) if children_of(each)]
    for child in children_of(forks):
        os.kill(child, signal.SIGKILL)

    again = own.ended(job)
    assert again.attempt == 2


def test_a_job_that_kills_its_process_each_time_ends_as_a_crash_loop(own):
    own.register_slow()
    worker = own.start_worker(attempts=2)
    job = own.accept(file="large", group="slow")

    def kill_the_child():
        found = own.jobs.by_id(job.id)
        if found.is_open:
            for forks in children_of(worker.pid):
                for child in children_of(forks):
                    with suppress(ProcessLookupError):  # dead already, of the time before
                        os.kill(child, signal.SIGKILL)
            return None
        return found

    ended = until(kill_the_child)
    assert (ended.state, ended.reason) == ("failed", "crash_loop")


def test_when_the_fork_server_dies_the_worker_goes_on_with_another(own):
    worker = own.start_worker()
    own.ended(own.accept())
    for child in children_of(worker.pid):
        os.kill(child, signal.SIGKILL)

    assert own.ended(own.accept()).state == "done"


def test_a_worker_that_is_killed_takes_its_jobs_with_it_and_the_next_start_does_them(own):
    own.register_slow()
    worker = own.start_worker()
    job = own.running(own.accept(file="large", group="slow", timeout_s=3))
    waiting = own.accept()
    processes = children_of(worker.pid)
    own.kill_worker(worker)

    until(lambda: not any(Path(f"/proc/{each}/exe").exists() for each in processes) or None, 3)
    own.start_worker()
    assert own.ended(waiting).state == "done"
    assert own.ended(job).attempt == 2


def test_the_work_of_a_host_that_never_returns_is_adopted(own):
    own.register_slow()
    worker = own.start_worker(host="one")
    job = own.running(own.accept(file="large", group="slow", timeout_s=3))
    own.kill_worker(worker)
    own.start_worker(host="two")

    ended = own.ended(job)
    assert (ended.attempt, ended.holder) == (2, "two/0")


def test_work_that_can_not_be_adopted_yet_is_adopted_later(own):
    own.register_slow()
    worker = own.start_worker(host="one")
    job = own.running(own.accept(file="large", group="slow", timeout_s=3))
    refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON workflow_status WHEN NEW.status = 'ENQUEUED'"
    with own.database.writing() as connection:
        connection.execute(text(f"{refuse} BEGIN SELECT RAISE(ABORT, 'not now'); END"))
    own.kill_worker(worker)
    own.start_worker(host="two")
    told = own.home / "worker-0.log"
    until(lambda: "can't be begun again yet" in told.read_text() or None)
    with own.database.writing() as connection:
        connection.execute(text("DROP TRIGGER refuse"))

    assert own.ended(job).holder == "two/0"


def test_a_worker_that_has_much_to_do_looks_for_it_more_often(own):
    queues = text("SELECT polling_interval_sec FROM queues WHERE name = 'runs'")

    def pause():
        with own.database.reading() as connection:
            return connection.execute(queues).scalar()

    own.register_slow()
    own.start_worker(slots=2, poll_s=0.08)
    jobs = [own.accept(file="large", group="slow") for _ in range(2)]
    for job in jobs:
        own.running(job)
    until(lambda: pause() == 0.04 or None)
    for job in jobs:
        own.queue.cancel(job.id, "a test")
    until(lambda: pause() == 0.08 or None)


def test_a_frozen_worker_publishes_nothing_when_it_thaws(own):
    own.register_slow()
    worker = own.start_worker(host="one")
    job = own.running(own.accept(file="large", group="slow", timeout_s=60))
    frozen = [worker.pid, *children_of(worker.pid)]
    with own.database.writing():  # so that none of them is frozen while it writes itself
        for each in frozen:
            os.kill(each, signal.SIGSTOP)
    own.start_worker(host="two")
    ended = own.ended(job, 120)
    for each in frozen:
        os.kill(each, signal.SIGCONT)
    time.sleep(4)

    assert (ended.state, ended.attempt, ended.holder) == ("done", 2, "two/0")
    assert own.jobs.by_id(job.id) == ended
    assert len(own.published(job)) == 1


def test_a_worker_that_is_told_to_stop_finishes_what_goes_on(own):
    own.register_slow()
    worker = own.start_worker()
    job = own.running(own.accept(file="large", group="slow"))
    waiting = own.accept()
    worker.terminate()

    assert worker.wait(60) == 0
    assert own.jobs.by_id(job.id).state == "done"
    assert own.jobs.by_id(waiting.id).state in ("queued", "done")
    own.start_worker()
    assert own.ended(waiting).state == "done"


def test_a_worker_that_has_no_time_leaves_the_rest_to_the_next_start(own):
    own.register_slow()
    worker = own.start_worker(drain_s=0.5)
    job = own.running(own.accept(file="large", group="slow"))
    worker.terminate()

    assert worker.wait(20) == 0
    assert own.jobs.by_id(job.id).state == "running"
    own.start_worker()
    assert own.ended(job).state == "done"


def test_what_a_worker_had_to_leave_is_done_though_it_never_starts_again(own):
    own.register_slow()
    worker = own.start_worker(1, drain_s=0.5)
    job = own.running(own.accept(file="large", group="slow"))
    worker.terminate()

    assert worker.wait(20) == 0
    own.start_worker(0)
    ended = own.ended(job)
    assert (ended.state, ended.holder) == ("done", "local/0")


def test_a_schedule_is_kept_once_by_whoever_looks_first(own):
    schedules = Schedules(own.database)
    schedule = Schedule(
        id=str(uuid4()), project=own.project, name="nightly", cron="0 6 * * *", zone="UTC",
        wish=Wish(file="orders", group="checks"), key=None, created="now",
        due="2026-01-01T06:00:00.000000+00:00",
    )  # fmt: skip
    with own.database.writing() as connection:
        schedules.add(connection, schedule)
    own.start_worker(host="one")
    own.start_worker(host="two")

    def found():
        found = schedules.by_id(own.project, schedule.id)
        assert found is not None
        return found

    kept = until(lambda: found().last_job)
    assert own.ended(kept).state == "done"
    time.sleep(2)
    assert own.jobs.by_id(kept).asked_by == "schedule nightly"
    assert found().due > "2026-11"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_project_never_has_more_jobs_going_on_than_it_may(tmp_path, kind):
    if kind == "postgresql" and not postgres.is_installed():
        pytest.skip("needs a PostgreSQL to start")
    database = postgres.server() if kind == "postgresql" else nullcontext()
    with database as url, workplace(tmp_path / "home", url, per_project=2) as place:
        projects = [place.project, place.make_project("second")]
        with place.database.writing() as connection:
            connection.execute(
                update(hosted).where(hosted.c.project == projects[1]).values(most_running=1)
            )
        for slot in range(6 if kind == "postgresql" else 3):
            place.start_worker(slot, slots=2)
        accepted = [place.accept(project=projects[n % 5 == 0]) for n in range(40)]

        most = dict.fromkeys(projects, 0)
        going_on = select(jobs.c.project, func.count()).where(jobs.c.state == "running")
        while place.jobs.count(Wanted(states=OPEN)):
            with place.database.reading() as connection:
                for project, count in connection.execute(going_on.group_by(jobs.c.project)):
                    most[project] = max(most[project], count)
        assert {place.ended(job).state for job in accepted} == {"done"}
        assert (most[projects[0]] <= 2, most[projects[1]] <= 1) == (True, True)
        assert max(most.values()) > 0


def test_a_limit_that_is_changed_holds_for_what_waits_and_beside_what_goes_on(own):
    def limit(most):
        with own.database.writing() as connection:
            change = update(hosted).where(hosted.c.project == own.project)
            connection.execute(change.values(most_running=most))
        with own.database.writing() as connection:
            own.queue.limits_changed(connection, own.project)

    def going_on():
        return own.jobs.count(Wanted(projects=(own.project,), states=("running",)))

    own.register_slow()
    own.start_worker(slots=6)
    limit(1)
    accepted = [own.accept(file="large", group="slow") for _ in range(6)]
    own.running(accepted[0])
    limit(3)
    until(lambda: going_on() == 3 or None)  # those that waited wait no longer
    limit(2)
    changed = iso(utc_now())
    accepted += [own.accept(file="large", group="slow") for _ in range(2)]
    for job in accepted[:2]:
        with suppress(Conflict):  # it has ended already
            own.queue.cancel(job.id, "a test")

    ended = [own.ended(job) for job in accepted]
    assert {job.state for job in ended[2:]} == {"done"}
    later = [job for job in ended if job.started is not None and job.started > changed]
    assert len(later) >= 2
    for job in later:
        begun = iso(datetime.fromisoformat(job.started) + timedelta(seconds=0.5))
        beside = [other for other in ended if (other.started or begun) < begun < other.ended]
        assert len(beside) <= 2


def test_what_was_accepted_under_a_higher_limit_of_the_server_is_done(tmp_path):
    with workplace(tmp_path / "home", per_project=8) as place:
        with place.database.writing() as connection:
            change = update(hosted).where(hosted.c.project == place.project)
            connection.execute(change.values(most_running=6))
        accepted = place.accept()
        place.start_worker(per_project=4)

        assert place.ended(accepted).state == "done"


@pytest.mark.skipif(not postgres.is_installed(), reason="needs a PostgreSQL to start")
def test_a_job_whose_database_is_away_for_a_moment_is_done_all_the_same(tmp_path):
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with postgres.server() as url, workplace(tmp_path / "home", url) as place:
        place.register_slow()
        place.start_worker()
        job = place.running(place.accept(file="large", group="slow"))
        other = Database(url)
        for _ in range(3):
            time.sleep(0.7)
            with other.reading() as connection:
                connection.execute(cut)
        other.close()
        ended = place.ended(job)
        assert (ended.state, ended.error) == ("done", None)
        assert len(place.published(job)) == 1


def test_a_worker_whose_fork_server_does_not_come_up_may_begin_another_time(own):
    def fork_server():
        for child in children_of(worker.pid):
            with suppress(OSError):
                if b"preboard.jobs.forks" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        return None

    worker = own.start_worker()
    os.kill(until(fork_server), signal.SIGKILL)

    assert worker.wait(PATIENCE_S) == FAILED
    own.start_worker()
    assert own.ended(own.accept()).state == "done"


def test_a_worker_has_no_more_jobs_at_once_than_it_may_whatever_the_queues(own):
    limited = own.make_project("limited")
    with own.database.writing() as connection:
        connection.execute(update(hosted).where(hosted.c.project == limited).values(most_running=1))
    own.register_slow()
    with own.open(limited) as project:
        project.load_group("checks", ["$[*][ yes() ]"])
    own.start_worker(slots=1)
    first = own.running(own.accept(file="large", group="slow"))
    second = own.accept(project=limited)
    assert own.ended(second).started >= own.ended(first).ended


@pytest.fixture
def inbox(tmp_path):
    """A home that takes files from a directory of the machine."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "orders.csv").write_bytes(b"id,name,amount\n7,Gil,x\n")
    with workplace(tmp_path / "home", local_roots=(tmp_path / "inbox",)) as made:
        Switches(made.database).set_local_files(allowed=True)
        with made.database.writing() as connection:
            connection.execute(update(hosted).values(local_files=True))
        made.start_worker()
        yield made


def test_a_job_registers_a_file_and_runs_that_very_version(inbox, tmp_path):
    source = str(tmp_path / "inbox" / "orders.csv")
    told = Provenance(partner="Acme", event_id="e1")
    job = inbox.ended(
        inbox.queue.accept(
            NewJob(
                id=str(uuid4()),
                project=inbox.project,
                wish=Wish(file="arrived", source=source, group="checks", provenance=told),
                asked_by="a test",
            )
        )
    )

    assert (job.state, job.valid, job.version) == ("done", False, job.id)
    with inbox.open() as project:
        version = project.version(job.registration)
        assert project.result(job.reference).manifest.named_file_uuid == version.id
    assert (version.id, version.entry.provenance.partner) == (job.id, "Acme")


def test_a_version_that_arrives_starts_what_its_named_file_wants_and_only_when_it_is_new(
    inbox, tmp_path
):
    source = str(tmp_path / "inbox" / "orders.csv")
    with inbox.open() as project:
        wanted = {"named_paths_group": "checks", "run_method": "fast_forward_paths"}
        project.configure_named_file("arrived", {"on_arrival": wanted})
    first = inbox.ended(inbox.accept(file="arrived", source=source, group=None))
    second = inbox.ended(inbox.accept(file="arrived", source=source, group=None))

    assert first.registration == second.registration
    [run] = inbox.jobs.page(Wanted(kind="run"), 10)
    run = inbox.ended(run)
    assert (run.state, run.version, run.wish.method) == ("done", first.id, "fast_forward_paths")


def test_a_file_outside_the_roots_or_with_a_switch_off_is_refused(inbox, tmp_path):
    (tmp_path / "secret.csv").write_bytes(b"a\n")
    outside = inbox.ended(inbox.accept(file="x", source=str(tmp_path / "secret.csv"), group=None))
    own = inbox.ended(inbox.accept(file="x", source=inbox.url[10:], group=None))
    Switches(inbox.database).set_local_files(allowed=False)
    source = str(tmp_path / "inbox" / "orders.csv")
    off = inbox.ended(inbox.accept(file="x", source=source, group=None))

    assert {job.reason for job in (outside, own, off)} == {"refused"}


def test_the_engine_forgets_what_has_ended_and_the_catalog_does_not(place):
    job = place.ended(place.accept())
    until(lambda: place.queue.forget_ended("2999-01-01T00:00:00+00:00") or None)

    assert place.jobs.by_id(job.id) == job
    assert place.accept(id=job.id) == job
    assert place.ended(place.accept()).state == "done"
