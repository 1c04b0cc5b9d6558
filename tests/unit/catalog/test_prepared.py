"""Statements that run as text: the same as by SQLAlchemy, and its errors."""

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from preboard.catalog.prepared import Prepared
from preboard.catalog.tables import names, projects
from preboard.errors import StoreError

ADD = Prepared(insert(names), "project", "space", "name", "created", "definition", "written")
NAMED = Prepared(
    select(names.c.name, names.c.removed, names.c.written)
    .where(names.c.project == "p", names.c.space == bindparam("in"))
    .order_by(names.c.name)
)
REMOVE = Prepared(
    update(names).where(names.c.name == bindparam("called"), names.c.space == "files"), "removed"
)


@pytest.fixture
def filled(database):
    with database.writing() as connection:
        connection.execute(insert(projects).values(id="p", created="now"))
        ADD.run_each(connection, [_row("b", written=True), _row("a", written=False)])
    return database


def _row(name, *, written):
    row = {"project": "p", "space": "files", "name": name, "created": "now", "definition": "{}"}
    return {**row, "written": written}


def test_lines_have_the_columns_as_attributes_and_truth_values_are_such(filled):
    with filled.reading() as connection:
        found = NAMED.all(connection, {"in": "files"})
        assert [(each.name, each.removed, each.written) for each in found] == [
            ("a", None, False),
            ("b", None, True),
        ]
        assert found[1].written is True
        assert NAMED.first(connection, {"in": "files"}).name == "a"
        assert NAMED.value(connection, {"in": "files"}) == "a"


def test_of_nothing_the_first_is_none(filled):
    with filled.reading() as connection:
        assert NAMED.first(connection, {"in": "groups"}) is None
        assert NAMED.value(connection, {"in": "groups"}) is None
        assert NAMED.all(connection, {"in": "groups"}) == []
    assert filled.first(NAMED, {"in": "groups"}) is None


def test_what_is_read_without_a_transaction_is_the_same(filled):
    assert [each.name for each in filled.all(NAMED, {"in": "files"})] == ["a", "b"]
    assert filled.first(NAMED, {"in": "files"}).name == "a"


def test_a_change_says_how_many_lines_it_changed(filled):
    with filled.writing() as connection:
        assert REMOVE.run(connection, {"called": "a", "removed": "now"}) == 1
        assert REMOVE.run(connection, {"called": "z", "removed": "now"}) == 0
        ADD.run_each(connection, [])
    assert filled.first(NAMED, {"in": "files"}).removed == "now"


def test_it_is_part_of_the_transaction(filled):
    def breaks_off():
        with filled.writing() as connection:
            ADD.run(connection, _row("c", written=False))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    assert len(filled.all(NAMED, {"in": "files"})) == 2


def test_what_breaks_a_rule_of_the_tables_is_sqlalchemys_error(filled):
    with pytest.raises(IntegrityError), filled.writing() as connection:
        ADD.run(connection, _row("a", written=False))
    with pytest.raises(IntegrityError), filled.writing() as connection:
        ADD.run_each(connection, [_row("c", written=True), _row("c", written=True)])


def test_a_value_without_a_place_is_a_mistake_of_the_caller(filled):
    with pytest.raises(AssertionError), filled.reading() as connection:
        NAMED.all(connection, {"in": "files", "of": "p"})
    with pytest.raises(AssertionError), filled.reading() as connection:
        NAMED.all(connection, {})


def test_a_database_that_fails_is_told_as_such(filled):
    broken = Prepared(select(names.c.name).where(names.c.name == bindparam("called")))
    with filled.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE pb_name RENAME TO pb_gone")
        with pytest.raises(OperationalError, match="no such table"):
            broken.first(connection, {"called": "a"})
    with pytest.raises(StoreError, match="can't be used: no such table"):
        filled.first(broken, {"called": "a"})
    with (
        pytest.raises(StoreError, match="can't be used: no such table"),
        filled.reading() as connection,
    ):
        broken.all(connection, {"called": "a"})
