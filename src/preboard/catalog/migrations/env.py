"""How Alembic runs the migrations: on the connection, and in the transaction, that it is given."""

from alembic import context

from preboard.catalog.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="pb_schema",
)
with context.begin_transaction():
    context.run_migrations()
