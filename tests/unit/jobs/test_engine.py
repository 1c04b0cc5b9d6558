"""The connections of the durable engine."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text

from preboard.jobs.engine import _own_engine, prepare

COUNTED = "SELECT count(*) AS count_1 FROM workflow_status WHERE status = 'PENDING'"
READ = "SELECT workflow_uuid FROM workflow_status"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("engine") / "catalog.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize(("statement", "alone"), [(COUNTED, True), (READ, False)])
def test_what_goes_on_is_counted_by_one_worker_at_a_time(path, statement, alone):
    engine = _own_engine(f"sqlite:///{path}")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with engine.begin() as connection:
        connection.execute(text(statement)).all()
        if alone:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        else:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    other.execute("BEGIN IMMEDIATE")
    other.close()
    engine.dispose()
