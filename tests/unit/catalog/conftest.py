"""A catalog in a directory of the test's own."""

import pytest

from preboard.catalog.catalog import Catalog
from preboard.catalog.database import Database, sqlite_url

NOW = "2026-11-21T07:12:00.000000+00:00"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """Make the tables once: the migrations are what takes time."""
    path = tmp_path_factory.mktemp("catalog") / "catalog.db"
    database = Database(sqlite_url(path))
    database.close()
    return path


@pytest.fixture
def database(tmp_path, empty_database):
    (tmp_path / "catalog.db").write_bytes(empty_database.read_bytes())
    opened = Database(sqlite_url(tmp_path / "catalog.db"))
    yield opened
    opened.close()


@pytest.fixture
def catalog(database, tmp_path):
    made = Catalog(database, "p1", tmp_path / "acme")
    made.enter(NOW)
    return made
