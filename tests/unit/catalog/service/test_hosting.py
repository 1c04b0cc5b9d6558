"""The projects of a server in the catalog: names belong to owners, and are free again."""

from __future__ import annotations

import pytest

from preboard.catalog.names import Names
from preboard.catalog.service.hosting import Counts, Hosted, Hosting
from preboard.errors import Conflict, NotFound

NOW = "2026-11-21T07:03:14.266583+00:00"
LATER = "2026-11-21T08:03:14.266583+00:00"


@pytest.fixture
def hosting(database):
    """Give the store over a database of the test's own."""
    return Hosting(database)


def hosted(project, owner="ann", name=None, created=NOW):
    return Hosted(project=project, owner=owner, name=name or project, created=created)


def names(found):
    return [each.name for each in found]


def test_a_name_is_taken_once_for_each_owner(hosting):
    hosting.create(hosted("p1", name="acme"))
    with pytest.raises(Conflict, match="'acme' already"):
        hosting.create(hosted("p2", name="acme"))
    hosting.create(hosted("p3", owner="bob", name="acme"))
    assert hosting.by_name("ann", "acme").project == "p1"
    assert hosting.by_name("bob", "acme").project == "p3"
    assert [each.project for each in hosting.named("acme")] == ["p1", "p3"]
    assert not hosting.is_known("p2")


def test_a_removed_project_is_found_no_more_and_its_name_is_free(hosting):
    hosting.create(hosted("p1", name="acme"))
    assert hosting.remove("p1", LATER)
    assert not hosting.remove("p1", LATER)
    assert hosting.by_name("ann", "acme") is None
    assert hosting.by_id("p1") is None
    assert hosting.is_known("p1")
    hosting.create(hosted("p2", name="acme"))
    assert hosting.by_name("ann", "acme").project == "p2"


@pytest.mark.parametrize(
    "change",
    [
        lambda hosting: hosting.rename("p1", "other"),
        lambda hosting: hosting.set_local_files("p1", allowed=True),
        lambda hosting: hosting.set_most_running("p1", 3),
    ],
)
def test_what_was_removed_is_not_changed(hosting, change):
    hosting.create(hosted("p1"))
    hosting.remove("p1", LATER)
    with pytest.raises(NotFound, match="removed in the meantime"):
        change(hosting)


def test_it_is_renamed_switched_and_limited(hosting):
    hosting.create(hosted("p1", name="acme"))
    hosting.create(hosted("p2", name="other"))
    with pytest.raises(Conflict, match="'other' already"):
        hosting.rename("p1", "other")
    hosting.rename("p1", "new")
    hosting.set_local_files("p1", allowed=True)
    hosting.set_most_running("p1", 3)
    assert hosting.by_id("p1") == Hosted(
        project="p1", owner="ann", name="new", created=NOW, local_files=True, most_running=3
    )


def test_pages_go_in_the_order_of_creation(hosting):
    for project, created in (("b", NOW), ("a", NOW), ("z", NOW), ("c", LATER), ("_", LATER)):
        hosting.create(hosted(project, created=created))
    hosting.create(hosted("x", owner="bob"))
    assert names(hosting.page("ann")) == ["a", "b", "z", "_", "c"]
    first = hosting.page("ann", most=3)
    assert names(first) == ["a", "b", "z"]
    after = (first[-1].created, first[-1].project)
    assert names(hosting.page("ann", after=after)) == ["_", "c"]
    assert names(hosting.page("ann", among=("b", "c", "x"))) == ["b", "c"]
    assert names(hosting.page("ann", among=())) == []
    assert names(hosting.page("ann", prefix="_")) == ["_"]  # no pattern
    assert names(hosting.all()) == ["a", "b", "x", "z", "_", "c"]


def test_what_it_holds_is_counted_and_forgotten(hosting, monkeypatch):
    monkeypatch.setattr("preboard.catalog.service.hosting._AT_ONCE", 2)
    hosting.create(hosted("p1"))
    hosting.create(hosted("p2"))
    for project in ("p1", "p2"):
        with hosting.database.writing() as connection:
            for name in ("orders", "returns", "stock", "prices", "partners"):
                Names(hosting.database, project, "files").lock(connection, name, NOW)
    assert hosting.counts("p1") == Counts(files=5, groups=0, runs=0)
    hosting.remove("p1", LATER)
    hosting.forget("p1")
    assert hosting.counts("p1") == Counts(files=0, groups=0, runs=0)
    assert hosting.counts("p2") == Counts(files=5, groups=0, runs=0)
    assert hosting.is_known("p1")
