"""Hooks, what arrived by them, and what was seen of their folders."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from preboard.catalog.service.hooks import ArrivalRow, Arrivals, Hook, Hooks
from preboard.catalog.service.hosting import Hosted, Hosting
from preboard.catalog.service.seen import Seen
from preboard.catalog.service.tables import hooks as table

OLD, NEW = "0" * 64, "1" * 64
HOOK = Hook(id="h1", project="p1", name="h", mapping="{}", secret=NEW, created="2026-01-01")


@pytest.fixture
def hooks(database):
    hosting = Hosting(database)
    for project, owner in (("p1", "me"), ("p2", "me"), ("p3", "you")):
        hosting.create(Hosted(project=project, owner=owner, name=project, created="2026"))
    return Hooks(database)


class TestHooks:
    def test_a_hook_ends_with_its_project(self, hooks, database):
        hooks.add(HOOK)
        assert hooks.by_id("h1") == HOOK

        Hosting(database).remove("p1", "2027")

        assert hooks.by_id("h1") is None
        assert hooks.page(10) == []
        Hosting(database).forget("p1")
        with database.reading() as connection:
            assert connection.execute(table.select()).all() == []

    def test_a_removed_hook_is_gone_for_all(self, hooks, database):
        hooks.add(replace(HOOK, next_poll="2026-01-01"))
        Seen(database).note("h1", "p1", {"f": "s"}, "now")
        assert hooks.remove("h1", "2027")

        assert not hooks.remove("h1", "2027")
        assert hooks.by_id("h1") is None
        assert hooks.due("2028", 10) == []
        assert not hooks.change("h1", {"paused": True})
        assert Seen(database).of("h1") == {}

    def test_pages_are_of_an_owner_or_of_some_projects(self, hooks):
        for number, project in enumerate(["p1", "p2", "p3"]):
            hooks.add(replace(HOOK, id=f"h{number}", project=project, created=f"2026-0{number}"))

        def found(**wanted):
            return [hook.id for hook in hooks.page(10, **wanted)]

        assert found() == ["h0", "h1", "h2"]
        assert found(owner="me") == ["h0", "h1"]
        assert found(owner="me", projects=["p2", "p3"]) == ["h1"]
        assert found(after=("2026-00", "h0")) == ["h1", "h2"]
        assert [hook.id for hook in hooks.page(1)] == ["h0"]

    def test_the_former_secret_is_good_for_as_long_as_was_said(self):
        rotated = replace(HOOK, old_secret=OLD, old_until="2026-06")
        assert rotated.hashes("2026-05") == (NEW, OLD)
        assert rotated.hashes("2026-06") == (NEW,)
        assert HOOK.hashes("2026-05") == (NEW,)
        assert NEW not in repr(rotated)

    def test_a_use_is_noted_once_in_a_while(self, hooks, database):
        hooks.add(HOOK)
        for now, not_since in [("10", "09"), ("11", "09"), ("20", "19")]:
            hook = hooks.by_id("h1")
            with database.writing() as connection:
                hooks.note_used(connection, hook, now, not_since)
            assert hooks.by_id("h1").last_used == ("20" if now == "20" else "10")


class TestLooks:
    def test_of_several_that_are_due_the_first_one_waits_longest(self, hooks):
        for which, due in (("h1", "2026-02"), ("h2", "2026-01"), ("h3", "2026-03"), ("h4", None)):
            hooks.add(replace(HOOK, id=which, next_poll=due))
        hooks.add(replace(HOOK, id="h5", next_poll="2026-01"))
        hooks.change("h5", {"paused": True})

        assert [hook.id for hook in hooks.due("2026-02", 10)] == ["h2", "h1"]
        assert [hook.id for hook in hooks.due("2026-02", 1)] == ["h2"]

    def test_one_of_two_has_the_look(self, hooks):
        hooks.add(replace(HOOK, next_poll="2026-01"))
        (first,) = hooks.due("2026-02", 10)
        (second,) = hooks.due("2026-02", 10)

        assert hooks.begin_look(first, "2026-03")
        assert not hooks.begin_look(second, "2026-03")
        assert hooks.end_look(first, "2026-03", "2026-04", "no answer", 1)
        ended = hooks.by_id("h1")
        assert (ended.next_poll, ended.last_error, ended.failures) == ("2026-04", "no answer", 1)

    def test_who_took_too_long_says_nothing_of_the_next_look(self, hooks):
        hooks.add(replace(HOOK, next_poll="2026-01"))
        (slow,) = hooks.due("2026-02", 10)
        assert hooks.begin_look(slow, "2026-03")
        (quick,) = hooks.due("2026-03", 10)
        assert hooks.begin_look(quick, "2026-05")

        assert not hooks.end_look(slow, "2026-03", "2026-04", None, 0)
        assert hooks.by_id("h1").next_poll == "2026-05"


class TestArrivals:
    @pytest.fixture
    def arrivals(self, database, hooks):
        hooks.add(HOOK)
        found = Arrivals(database)
        first = ArrivalRow(project="p1", hook="h1", time="2025", path="a", outcome="taken")
        rows = [
            first,
            replace(first, path="b", outcome="left"),
            replace(first, hook="h2", time="2026", path="c", outcome="refused"),
            replace(first, hook="h2", time="2026", path="d"),
        ]
        with database.writing() as connection:
            found.add(connection, rows)
            found.add(connection, [])
        return found

    def test_pages_are_newest_first(self, arrivals):
        def paths(most=10, **wanted):
            return [row.path for row in arrivals.page(most, project="p1", **wanted)]

        assert paths() == ["d", "c", "b", "a"]
        assert paths(hook="h1") == ["b", "a"]
        assert paths(outcome="taken") == ["d", "a"]
        (newest, *_) = arrivals.page(1, project="p1")
        assert paths(2, before=newest.seq) == ["c", "b"]
        assert arrivals.page(10, project="p2") == []

    def test_what_was_taken_is_kept(self, arrivals):
        assert arrivals.sweep("2026") == 1
        assert [row.path for row in arrivals.page(10, project="p1")] == ["d", "c", "a"]


class TestSeen:
    def test_another_state_is_seen_anew(self, database, hooks):
        hooks.add(HOOK)
        seen = Seen(database)
        files = {f"f{number}": "s1" for number in range(1200)}
        seen.note("h1", "p1", files, "2026-01")
        with database.writing() as connection:
            seen.settle(connection, "h1", files)
            seen.settle(connection, "h1", ())
        seen.note("h1", "p1", {"f7": "s2"}, "2026-02")

        found = seen.of("h1")
        assert len(found) == len(files)
        assert (found["f7"].state, found["f7"].since, found["f7"].settled) == (
            "s2",
            "2026-02",
            False,
        )
        assert (found["f8"].state, found["f8"].since, found["f8"].settled) == (
            "s1",
            "2026-01",
            True,
        )
        seen.forget("h1", files.keys() - {"f8"})
        assert list(seen.of("h1")) == ["f8"]
        assert seen.of("h2") == {}

    def test_nothing_is_no_transaction(self, database, monkeypatch):
        monkeypatch.setattr(database, "writing", None)
        Seen(database).note("h1", "p1", {}, "now")
        Seen(database).forget("h1", [])


def test_hooks_of_former_rows_are_read(database, hooks):
    row = {"id": "h9", "project": "p1", "name": "h", "mapping": "{}", "created": "2026"}
    with database.writing() as connection:
        connection.execute(insert(table).values(row))
    assert hooks.by_id("h9").failures == 0
