"""Bring the schema of a catalog up to date with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from preboard.catalog.tables import SCHEMA
from preboard.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LOCK = 7_211_026  # of PostgreSQL's advisory locks: one process migrates


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction; others wait for it.

    Raises:
        StoreError: the catalog was written by a newer version of the program.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as plain:
        connection = plain.execution_options(pb_writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, SCHEMA)
            except CommandError as error:
                raise StoreError(
                    f"the catalog is newer than this program, which knows the schema {SCHEMA}",
                    hint="use the version of Preboard that wrote it, or a later one",
                ) from error
