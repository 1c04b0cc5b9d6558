"""The first tables: projects, names, versions, loads, runs, instances, and documents on disk."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pb_document",
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("path", sa.String(length=600), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "path", name="pk_pb_document"),
        comment="A JSON array on disk that grows with its entries here.",
    )
    op.create_table(
        "pb_entry",
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("path", sa.String(length=600), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("project", "path", "seq", name="pk_pb_entry"),
    )
    op.create_index(
        "ix_pb_entry_unwritten",
        "pb_entry",
        ["project", "path", "seq"],
        unique=False,
        sqlite_where=sa.column("written") == sa.false(),
        postgresql_where=sa.column("written") == sa.false(),
    )
    op.create_table(
        "pb_load",
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("time", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("removed", sa.String(length=32), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_pb_load"),
        sa.UniqueConstraint("project", "name", "seq", name="uq_pb_load_project_name_seq"),
        comment="Each text that a group ever had.",
    )
    op.create_table(
        "pb_project",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pb_project"),
    )
    op.create_table(
        "pb_run",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=128), nullable=False),
        sa.Column("load", sa.String(length=36), nullable=False),
        sa.Column("version", sa.String(length=36), nullable=True),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column(
            "address", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "directory",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("time", sa.String(length=32), nullable=False),
        sa.Column("ended", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=True),
        sa.Column("errors", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pb_run"),
        sa.UniqueConstraint("project", "home", name="uq_pb_run_project_home"),
        sa.UniqueConstraint("project", "seq", name="uq_pb_run_project_seq"),
    )
    op.create_index(
        "ix_pb_run_project_group_directory",
        "pb_run",
        ["project", "group", "directory"],
        unique=False,
    )
    op.create_index(
        "ix_pb_run_project_group_seq", "pb_run", ["project", "group", "seq"], unique=False
    )
    op.create_index("ix_pb_run_project_state", "pb_run", ["project", "state"], unique=False)
    op.create_index("ix_pb_run_project_version", "pb_run", ["project", "version"], unique=False)
    op.create_table(
        "pb_version",
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("time", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column(
            "address", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("removed", sa.String(length=32), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_pb_version"),
        sa.UniqueConstraint("project", "name", "seq", name="uq_pb_version_project_name_seq"),
    )
    op.create_index(
        "ix_pb_version_project_name_address",
        "pb_version",
        ["project", "name", "address"],
        unique=False,
    )
    op.create_index(
        "ix_pb_version_project_name_fingerprint_seq",
        "pb_version",
        ["project", "name", "fingerprint", "seq"],
        unique=False,
    )
    op.create_index(
        "ix_pb_version_project_name_time", "pb_version", ["project", "name", "time"], unique=False
    )
    op.create_table(
        "pb_instance",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("run", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=200), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["pb_run.id"], name="fk_pb_instance_run"),
        sa.PrimaryKeyConstraint("id", name="pk_pb_instance"),
        sa.UniqueConstraint("run", "place", name="uq_pb_instance_run_place"),
    )
    op.create_index("ix_pb_instance_run_identity", "pb_instance", ["run", "identity"], unique=False)
    op.create_table(
        "pb_name",
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("space", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("removed", sa.String(length=32), nullable=True),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("written", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["pb_project.id"], name="fk_pb_name_project"),
        sa.PrimaryKeyConstraint("project", "space", "name", name="pk_pb_name"),
        comment="A named-file or a group. Its row is locked by who changes what belongs to it.",
    )
    op.create_index(
        "ix_pb_name_unwritten",
        "pb_name",
        ["project", "space"],
        unique=False,
        sqlite_where=sa.column("written") == sa.false(),
        postgresql_where=sa.column("written") == sa.false(),
    )
