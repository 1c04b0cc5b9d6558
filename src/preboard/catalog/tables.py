"""The tables of the catalog. All names begin with `pb_`: the database may hold others', too.

Times are ISO texts in UTC of one width, so that they sort (`preboard.clock.iso`). Ids are UUIDs as
text. `project` is in every key: under a server many projects share one database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

SCHEMA = "0002"
"""The migration that the code is written for."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(36)
Moment = String(32)
Name = String(128)
Hash = String(64)
# Compared byte by byte, so that the beginning of a path is a range of the index.
Path = Text().with_variant(Text(collation="C"), "postgresql")

projects = Table(
    "pb_project",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created", Moment, nullable=False),
)

names = Table(
    "pb_name",
    metadata,
    Column("project", Id, ForeignKey("pb_project.id"), primary_key=True),
    Column("space", String(8), primary_key=True),  # files or groups
    Column("name", Name, primary_key=True),
    Column("created", Moment, nullable=False),
    Column("removed", Moment),
    Column("definition", Text, nullable=False),  # definition.json
    Column("written", Boolean, nullable=False, server_default=false()),  # or removed, on disk
    comment="A named-file or a group. Its row is locked by who changes what belongs to it.",
)
# Partial on PostgreSQL, too, as the migration says: to say it here would load its dialect, always.
Index(
    "ix_pb_name_unwritten",
    names.c.project,
    names.c.space,
    sqlite_where=names.c.written == false(),
)

versions = Table(
    "pb_version",
    metadata,
    Column("project", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False),
    Column("seq", Integer, nullable=False),  # place among the versions of the name, from 0
    Column("time", Moment, nullable=False),
    Column("fingerprint", Hash, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("home", Text, nullable=False),  # the directory, below that of the name
    Column("address", Path, nullable=False),  # the same as references write it: _ for dots
    Column("file", Text, nullable=False),  # the stored bytes, below the directory of all names
    Column("mark", Text, nullable=False),  # the worksheet, or empty
    Column("origin", Text, nullable=False),
    Column("removed", Moment),
    Column("entry", Text, nullable=False),  # manifests.staging.VersionEntry
    UniqueConstraint("project", "name", "seq"),
    Index(None, "project", "name", "fingerprint", "seq"),
    Index(None, "project", "name", "time"),
    Index(None, "project", "time"),
    Index(None, "project", "name", "address"),
)

loads = Table(
    "pb_load",
    metadata,
    Column("project", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("time", Moment, nullable=False),
    Column("fingerprint", Hash, nullable=False),
    Column("text", Text, nullable=False),  # group.csvpaths, whole
    Column("written", Boolean, nullable=False, server_default=false()),  # to group.csvpaths
    Column("removed", Moment),
    Column("entry", Text, nullable=False),  # manifests.groups.LoadEntry
    UniqueConstraint("project", "name", "seq"),
    comment="Each text that a group ever had.",
)

runs = Table(
    "pb_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", Id, nullable=False),
    Column("seq", Integer, nullable=False),  # place among the runs of the project, from 0
    Column("group", Name, nullable=False),
    Column("load", Id, nullable=False),  # the text that was run
    Column("version", Id),  # the version that was read, if it was one
    Column("home", Text, nullable=False),  # the run directory, below the archive
    Column("address", Path, nullable=False),  # below the group's, as references write it
    Column("directory", Path, nullable=False),  # its last part
    Column("time", Moment, nullable=False),
    Column("ended", Moment),
    Column("state", String(16), nullable=False),  # running, complete, failed, aborted
    Column("owner", String(64), nullable=False),  # storage.locks.Owner
    Column("job", Id),  # what it was asked for with, under a server
    Column("attempt", Integer),  # of the job; another one's results are not published
    Column("valid", Boolean),
    Column("completed", Boolean),
    Column("errors", BigInteger),
    Column("reason", Text),  # why it failed or was aborted
    Column("entry", Text, nullable=False),  # manifests.archive.RunManifest
    UniqueConstraint("project", "seq"),
    UniqueConstraint("project", "home"),
    Index(None, "project", "group", "seq"),
    Index(None, "project", "group", "directory"),
    Index(None, "state", "project"),  # also for all projects of a server
    Index(None, "project", "version"),
    Index(None, "job"),
)

instances = Table(
    "pb_instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run", Id, ForeignKey("pb_run.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("identity", String(200), nullable=False),
    Column("valid", Boolean),
    Column("completed", Boolean),
    Column("entry", Text, nullable=False),  # manifests.archive.InstanceManifest
    UniqueConstraint("run", "place"),
    Index(None, "run", "identity"),
)

documents = Table(
    "pb_document",
    metadata,
    Column("project", Id, primary_key=True),
    Column("path", String(600), primary_key=True),  # below the project's directory, or absolute
    Column("entries", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),  # size when file and catalog last agreed
    comment="A JSON array on disk that grows with its entries here.",
)

entries = Table(
    "pb_entry",
    metadata,
    Column("project", Id, primary_key=True),
    Column("path", String(600), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("written", Boolean, nullable=False, server_default=false()),
)
Index(
    "ix_pb_entry_unwritten",
    entries.c.project,
    entries.c.path,
    entries.c.seq,
    sqlite_where=entries.c.written == false(),
)
