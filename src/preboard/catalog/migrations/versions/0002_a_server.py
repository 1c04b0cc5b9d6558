"""What a server knows: keys, hosted projects, jobs, deliveries, hooks, schedules, workers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pb_arrival",
        sa.Column("seq", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("hook", sa.String(length=36), nullable=False),
        sa.Column("time", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("job", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_pb_arrival"),
    )
    op.create_index(
        "ix_pb_arrival_project_hook_seq", "pb_arrival", ["project", "hook", "seq"], unique=False
    )
    op.create_index("ix_pb_arrival_outcome_time", "pb_arrival", ["outcome", "time"], unique=False)
    op.create_index("ix_pb_arrival_project_seq", "pb_arrival", ["project", "seq"], unique=False)
    op.create_table(
        "pb_audit",
        sa.Column("seq", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("time", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_pb_audit"),
    )
    op.create_table(
        "pb_delivery",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=36), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_pb_delivery"),
        comment="What was asked with an idempotency key, or announced as an event.",
    )
    op.create_index("ix_pb_delivery_created", "pb_delivery", ["created"], unique=False)
    op.create_table(
        "pb_ended_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pb_ended_session"),
        comment="Sessions of browsers that somebody left.",
    )
    op.create_table(
        "pb_hook",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=True),
        sa.Column("old_secret", sa.String(length=64), nullable=True),
        sa.Column("old_until", sa.String(length=32), nullable=True),
        sa.Column("key", sa.String(length=12), nullable=True),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("removed", sa.String(length=32), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_poll", sa.String(length=32), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_used", sa.String(length=32), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pb_hook"),
    )
    op.create_index("ix_pb_hook_next_poll", "pb_hook", ["next_poll"], unique=False)
    op.create_index("ix_pb_hook_project", "pb_hook", ["project"], unique=False)
    op.create_table(
        "pb_job",
        sa.Column("seq", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=True),
        sa.Column("named_file", sa.Text(), nullable=True),
        sa.Column("group", sa.String(length=128), nullable=True),
        sa.Column("method", sa.String(length=32), nullable=True),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=True),
        sa.Column("cancel", sa.Text(), nullable=True),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("started", sa.String(length=32), nullable=True),
        sa.Column("ended", sa.String(length=32), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True),
        sa.Column("version", sa.String(length=36), nullable=True),
        sa.Column("registration", sa.Text(), nullable=True),
        sa.Column("run", sa.String(length=36), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("valid", sa.Boolean(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=True),
        sa.Column("errors", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("again", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_pb_job"),
        sa.UniqueConstraint("id", name="uq_pb_job_id"),
        comment="Accepted work. Its row is there before the answer that says so.",
    )
    op.create_index(
        "ix_pb_job_project_kind_seq", "pb_job", ["project", "kind", "seq"], unique=False
    )
    op.create_index(
        "ix_pb_job_project_state_seq", "pb_job", ["project", "state", "seq"], unique=False
    )
    op.create_index("ix_pb_job_state_seq", "pb_job", ["state", "seq"], unique=False)
    op.create_index(
        "ix_pb_job_again",
        "pb_job",
        ["again"],
        unique=False,
        sqlite_where=sa.column("again").is_not(None),
        postgresql_where=sa.column("again").is_not(None),
    )
    op.create_table(
        "pb_key",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("old_hash", sa.String(length=64), nullable=True),
        sa.Column("old_until", sa.String(length=32), nullable=True),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("projects", sa.Text(), nullable=True),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("expires", sa.String(length=32), nullable=True),
        sa.Column("revoked", sa.String(length=32), nullable=True),
        sa.Column("last_used", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pb_key"),
    )
    op.create_index("ix_pb_key_owner", "pb_key", ["owner"], unique=False)
    op.create_table(
        "pb_schedule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=True),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("removed", sa.String(length=32), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("last_job", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pb_schedule"),
    )
    op.create_index("ix_pb_schedule_due", "pb_schedule", ["due"], unique=False)
    op.create_index("ix_pb_schedule_project", "pb_schedule", ["project"], unique=False)
    op.create_table(
        "pb_seen",
        sa.Column("hook", sa.String(length=36), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hook", "file", name="pk_pb_seen"),
        comment="What lies in the folders that hooks look at.",
    )
    op.create_index("ix_pb_seen_project", "pb_seen", ["project"], unique=False)
    op.create_table(
        "pb_setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pb_setting"),
        comment="What an administrator switches while the server runs, such as local_files.",
    )
    op.create_table(
        "pb_worker",
        sa.Column("executor", sa.String(length=100), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("boot", sa.String(length=36), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("takes_jobs", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("executor", name="pk_pb_worker"),
    )
    op.create_table(
        "pb_hosted",
        sa.Column("project", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("removed", sa.String(length=32), nullable=True),
        sa.Column("local_files", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("most_running", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["project"], ["pb_project.id"], name="fk_pb_hosted_project"),
        sa.PrimaryKeyConstraint("project", name="pk_pb_hosted"),
        comment="A project that the server keeps. Its directory is called after its id.",
    )
    op.create_index(
        "uq_pb_hosted_name",
        "pb_hosted",
        ["owner", "name"],
        unique=True,
        sqlite_where=sa.column("removed").is_(None),
        postgresql_where=sa.column("removed").is_(None),
    )
    op.add_column("pb_run", sa.Column("job", sa.String(length=36), nullable=True))
    op.add_column("pb_run", sa.Column("attempt", sa.Integer(), nullable=True))
    op.create_index("ix_pb_run_job", "pb_run", ["job"], unique=False)
    op.drop_index("ix_pb_run_project_state", table_name="pb_run")
    op.create_index("ix_pb_run_state_project", "pb_run", ["state", "project"], unique=False)
    op.create_index("ix_pb_version_project_time", "pb_version", ["project", "time"], unique=False)
