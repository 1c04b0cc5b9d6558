"""The tables of a server. A project by itself has them, too, and leaves them empty.

Times, ids and names are as in `preboard.catalog.tables`. What is JSON is said to be. No column
holds a secret: keys are hashes of 256 random bits.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from preboard.catalog.tables import Hash, Id, Moment, Name, metadata

# SQLite counts up only what is an INTEGER PRIMARY KEY.
Counter = BigInteger().with_variant(Integer(), "sqlite")
KeyId = String(12)

keys = Table(
    "pb_key",
    metadata,
    Column("id", KeyId, primary_key=True),  # the part of the key that is no secret
    Column("hash", Hash, nullable=False),
    Column("old_hash", Hash),  # of the secret before the last rotation
    Column("old_until", Moment),  # how long that one is good
    Column("owner", Id, nullable=False),  # whose projects it works on; several keys may share them
    Column("name", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("admin", Boolean, nullable=False),  # of the server
    Column("scopes", Text, nullable=False),  # JSON: a list of register, run, read, admin
    Column("projects", Text),  # JSON: a list of ids, NULL for all of the owner
    Column("created", Moment, nullable=False),
    Column("expires", Moment),
    Column("revoked", Moment),
    Column("last_used", Moment),
    Index(None, "owner"),
)

hosted = Table(
    "pb_hosted",
    metadata,
    Column("project", Id, ForeignKey("pb_project.id"), primary_key=True),
    Column("owner", Id, nullable=False),
    Column("name", Name, nullable=False),
    Column("created", Moment, nullable=False),
    Column("removed", Moment),
    Column("local_files", Boolean, nullable=False, server_default=false()),
    Column("most_running", Integer),  # runs at once, NULL for the limit of the server
    comment="A project that the server keeps. Its directory is called after its id.",
)
# Partial on PostgreSQL, too, as the migration says.
Index(
    "uq_pb_hosted_name",
    hosted.c.owner,
    hosted.c.name,
    unique=True,
    sqlite_where=hosted.c.removed.is_(None),
)

jobs = Table(
    "pb_job",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),  # the order of the queue
    Column("id", Id, nullable=False),  # also that of its workflow
    Column("project", Id, nullable=False),
    Column("kind", String(16), nullable=False),  # register or run
    Column("asked_by", Text, nullable=False),  # key, hook or schedule, by its name
    Column("key", KeyId),
    Column("named_file", Text),
    Column("group", Name),
    Column("method", String(32)),
    Column("wish", Text, nullable=False),  # JSON: catalog.service.jobs.Wish
    Column("state", String(12), nullable=False),  # queued, running, done, failed, cancelled
    Column("attempt", Integer, nullable=False),  # the fencing number
    Column("holder", String(100)),  # the worker of the attempt
    Column("cancel", Text),  # who wants it cancelled
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("ended", Moment),
    Column("progress", Text),  # JSON
    Column("version", Id),
    Column("registration", Text),  # the reference of the version
    Column("run", Id),
    Column("reference", Text),  # of the results
    Column("valid", Boolean),
    Column("completed", Boolean),
    Column("errors", BigInteger),
    Column("reason", String(32)),  # a code, when it failed
    Column("error", Text),
    Column("again", Moment),  # when a queued one is begun again that could not be done
    UniqueConstraint("id"),
    Index(None, "project", "kind", "seq"),
    Index(None, "project", "state", "seq"),
    Index(None, "state", "seq"),
    comment="Accepted work. Its row is there before the answer that says so.",
)
Index("ix_pb_job_again", jobs.c.again, sqlite_where=jobs.c.again.is_not(None))

deliveries = Table(
    "pb_delivery",
    metadata,
    Column("scope", String(64), primary_key=True),  # a project or an owner
    Column("key", Hash, primary_key=True),
    Column("body", Hash, nullable=False),
    Column("job", Id),
    Column("status", Integer),
    Column("response", Text),  # JSON
    Column("created", Moment, nullable=False),
    Index(None, "created"),
    comment="What was asked with an idempotency key, or announced as an event.",
)

hooks = Table(
    "pb_hook",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", Id, nullable=False),
    Column("name", Name, nullable=False),
    Column("mapping", Text, nullable=False),  # JSON: server.arrivals.mapping
    Column("secret", Hash),  # of the secret; NULL where the project's env has it
    Column("old_secret", Hash),  # of the secret before the last rotation
    Column("old_until", Moment),  # how long that one is good
    Column("key", KeyId),  # who made it
    Column("created", Moment, nullable=False),
    Column("removed", Moment),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("next_poll", Moment),  # of a folder that is looked at, else NULL
    Column("failures", Integer, nullable=False, server_default="0"),  # looks in a row that failed
    Column("last_used", Moment),
    Column("last_error", Text),
    Index(None, "project"),
    Index(None, "next_poll"),
)

arrivals = Table(
    "pb_arrival",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("project", Id, nullable=False),
    Column("hook", Id, nullable=False),
    Column("time", Moment, nullable=False),
    Column("event_id", Text),
    Column("path", Text, nullable=False),
    Column("outcome", String(12), nullable=False),  # taken, duplicate, left, refused
    Column("reason", Text),
    Column("job", Id),
    Index(None, "project", "seq"),
    Index(None, "project", "hook", "seq"),
    Index(None, "outcome", "time"),
)

seen = Table(
    "pb_seen",
    metadata,
    Column("hook", Id, primary_key=True),
    Column("file", Hash, primary_key=True),  # of its address
    Column("project", Id, nullable=False),
    Column("state", Hash, nullable=False),  # of what tells one state of the file from another
    Column("since", Moment, nullable=False),  # when it was first seen in this state
    Column("settled", Boolean, nullable=False),  # taken or left: it is not looked at again
    Index(None, "project"),
    comment="What lies in the folders that hooks look at.",
)

schedules = Table(
    "pb_schedule",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", Id, nullable=False),
    Column("name", Name, nullable=False),
    Column("cron", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("wish", Text, nullable=False),  # JSON: catalog.service.jobs.Wish
    Column("key", KeyId),
    Column("created", Moment, nullable=False),
    Column("removed", Moment),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("due", Moment, nullable=False),
    Column("last_job", Id),
    Index(None, "project"),
    Index(None, "due"),
)

workers = Table(
    "pb_worker",
    metadata,
    Column("executor", String(100), primary_key=True),
    Column("host", Text, nullable=False),
    Column("boot", Id, nullable=False),  # another one at each start
    Column("since", Moment, nullable=False),
    Column("lease_until", Float, nullable=False),  # seconds on the clock of the database
    Column("takes_jobs", Boolean, nullable=False, server_default=false()),
)

audit = Table(
    "pb_audit",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("time", Moment, nullable=False),
    Column("key", Text, nullable=False),  # its id and name, or who else
    Column("address", Text),
    Column("project", Text),
    Column("action", Text, nullable=False),
    Column("target", Text),
    Column("outcome", Text, nullable=False),
)

settings = Table(
    "pb_setting",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    comment="What an administrator switches while the server runs, such as local_files.",
)

ended_sessions = Table(
    "pb_ended_session",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("until", Moment, nullable=False),  # by then it would have ended by itself
    comment="Sessions of browsers that somebody left.",
)
