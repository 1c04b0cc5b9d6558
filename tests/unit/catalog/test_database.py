"""The database behind the catalog: opened, brought up to date, refused with a reason."""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text

import preboard.catalog.service.tables  # noqa: F401 - adds its tables
from preboard.catalog import database as catalog_database
from preboard.catalog.database import Database, sqlite_url, sync_log
from preboard.catalog.tables import metadata, projects
from preboard.errors import ConfigError, StoreError


def test_the_migrations_make_the_tables_that_the_code_is_written_for(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        found = compare_metadata(context, metadata)

    assert [change for change in found if "pb_schema" not in str(change)] == []


@pytest.mark.parametrize("name", ["what?", "a#b", "per%20cent", "two words", "café"])
def test_a_directory_may_be_called_anything(tmp_path, name, empty_database):
    (tmp_path / name).mkdir()
    path = tmp_path / name / "catalog.db"
    path.write_bytes(empty_database.read_bytes())

    database = Database(sqlite_url(path))
    with database.writing() as connection:
        connection.execute(insert(projects).values(id="p", created="now"))
    database.close()

    assert sqlite3.connect(path).execute("SELECT id FROM pb_project").fetchall() == [("p",)]


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/db", "oracle://x", "sqlite+nothing:///a", "://"]
)
def test_a_url_of_no_known_database_is_refused(url):
    with pytest.raises(ConfigError, match="catalog"):
        Database(url)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "catalog.db").write_bytes(b"a,b\n" * 2000)

    with pytest.raises(StoreError, match="can't be opened"):
        Database(sqlite_url(tmp_path / "catalog.db"))


def test_a_server_that_does_not_answer_is_told_without_its_password():
    with pytest.raises(StoreError) as told:
        Database("postgresql+psycopg://me:secret@127.0.0.1:1/none")

    assert "can't be opened" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_catalog_of_a_newer_program_is_left_alone(tmp_path, empty_database):
    path = tmp_path / "catalog.db"
    path.write_bytes(empty_database.read_bytes())
    with sqlite3.connect(path) as plain:
        plain.execute("UPDATE pb_schema SET version_num = '9999'")

    with pytest.raises(StoreError, match="newer than this program"):
        Database(sqlite_url(path))


@pytest.fixture
def synced(database, monkeypatch):
    """The names of the files that are put on disk from now on."""
    log = f"{database.engine.url.database}-wal"
    found = []
    on_disk = catalog_database._put_on_disk

    def note(descriptor):
        is_log = os.path.samestat(os.fstat(descriptor), Path(log).stat())
        found.append("the log" if is_log else "?")
        on_disk(descriptor)

    monkeypatch.setattr(catalog_database, "_put_on_disk", note)
    return found


class TestTransactions:
    def test_an_exception_undoes_all_of_it(self, database):
        def fail():
            with database.writing() as connection:
                connection.execute(insert(projects).values(id="p", created="now"))
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with database.reading() as connection:
            assert connection.execute(select(projects)).all() == []

    def test_a_transaction_is_on_disk_before_anybody_goes_on(self, database, synced):
        with database.writing() as connection:
            connection.execute(insert(projects).values(id="p", created="now"))
            assert synced == []
        assert synced == ["the log"]

    def test_who_waits_for_the_disk_holds_up_no_other(self, database, synced, monkeypatch):
        on_disk = catalog_database._put_on_disk

        def slowly(log):
            with closing(sqlite3.connect(database.engine.url.database, timeout=0)) as other:
                assert other.execute("SELECT id FROM pb_project").fetchall() == [("p",)]
                other.execute("BEGIN IMMEDIATE")
            on_disk(log)

        monkeypatch.setattr(catalog_database, "_put_on_disk", slowly)
        with database.writing() as connection:
            connection.execute(insert(projects).values(id="p", created="now"))
        assert synced == ["the log"]

    def test_what_a_view_tells_is_on_disk_before_and_its_note_need_not_be(self, database, synced):
        with database.viewing() as connection:
            assert synced == ["the log"]
            connection.execute(insert(projects).values(id="p", created="now"))
        assert synced == ["the log"]

    def test_what_is_undone_is_not_waited_for(self, database, synced):
        with pytest.raises(KeyError), database.writing():
            raise KeyError
        assert synced == []

    def test_a_disk_that_fails_is_told(self, database, monkeypatch):
        def fail(_log):
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(catalog_database, "_put_on_disk", fail)
        with pytest.raises(StoreError, match="can't be put on disk"), database.writing():
            pass

    def test_a_log_that_is_gone_was_put_in_its_place(self, database, synced):
        database.close()
        assert not Path(f"{database.engine.url.database}-wal").exists()
        sync_log(database.engine)
        assert synced == []

    def test_a_reader_sees_one_state_while_others_write(self, database):
        with database.reading() as reader:
            before = reader.execute(select(projects)).all()
            with database.writing() as writer:
                writer.execute(insert(projects).values(id="p", created="now"))
            assert reader.execute(select(projects)).all() == before

    def test_trouble_of_the_database_is_ours_to_tell(self, database):
        with (
            pytest.raises(StoreError, match="the catalog can't be used"),
            database.writing() as connection,
        ):
            connection.execute(text("SELECT * FROM no_such_table"))
