"""Accepting files and groups: what lies here is registered at once, what lies elsewhere by a job.

A file and the run that it starts are one transaction: the run reads the version that was just
made, whatever arrives meanwhile, and none of the two is lost.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from preboard.catalog.service.audit import Deed
from preboard.catalog.service.jobs import Wish
from preboard.config.names import checked_name, shown
from preboard.errors import InputError, NotFound, Refused
from preboard.groups.members import statements_in
from preboard.server.services.accepting import (
    Accepted,
    Earlier,
    checked_text,
    earlier,
    keep,
    new_job,
    now,
)
from preboard.server.services.running import NewRun, check_run
from preboard.staging.sources import is_url
from preboard.storage.remote.addresses import address_of
from preboard.storage.remote.fetching import fetched
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from sqlalchemy import Connection

    from preboard.catalog.loads import Load
    from preboard.catalog.service.deliveries import Asked
    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.versions import Version
    from preboard.manifests.staging import Provenance
    from preboard.project.project import Project
    from preboard.server.service import Service
    from preboard.server.services.accepting import Asker

AskedOf = Callable[[str], "Asked"]
"""What makes what was asked of the fingerprint of a file."""
MOST_GROUP_BYTES = 1 << 20
"""Of a file of statements that is fetched from elsewhere."""
_GROUP_S = 60
"""Seconds that fetching one may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that is to be registered under a name.

    `source` is a path of the server's machine, an address, or an open stream, which needs a
    `file_name`. `template` None is that of the name's definition. `provenance` is what else was
    told of it.
    """

    name: str
    source: str | BinaryIO
    file_name: str | None = None
    template: str | None = None
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """A group that is to be loaded, from a location or from texts of statements."""

    name: str
    location: str | None = None
    texts: Sequence[str] = ()
    append: bool = False
    template: str | None = None


def accept_file(
    service: Service,
    hosted: Hosted,
    asker: Asker,
    file: NewFile,
    run: NewRun | None = None,
    *,
    asked: Asked | AskedOf | None = None,
    id: str | None = None,  # noqa: A002 - what it is called everywhere
    later: bool = False,
) -> Accepted:
    """Accept a file, and the run that is to be made of just this version.

    A stream or a path is registered before this returns: `version` and `registration` are set, and
    `job` if there is a run. An address is fetched by a job: only `job` is set, which registers and
    runs. Without a `run`, what the definition of the name says of arrivals is run over a version
    that is new.

    Args:
        service: the server.
        hosted: the project.
        asker: who asks.
        file: what and under which name.
        run: the group that is run over it, and how.
        asked: what was asked with an idempotency key, if there was one; of a stream, whose bytes
            belong to it, what makes it of their fingerprint.
        id: a UUID that was handed out for the registration.
        later: leave a path to a job, too.

    Raises:
        NotFound: there is no such file or group.
        NameRefused: a name or a template can't be.
        Refused: the project takes no such files, or it is too large.
        InputError: it can't be read.
        ConfigError: there is no such method, or the delimiter or quotechar can't be.
        BadReference: the reference to the group is none.
        Conflict: something else was asked with this idempotency key.
    """
    known = None if callable(asked) else earlier(service, asked)
    if known is not None:
        return known
    project = service.project(hosted.project)
    if run is not None:
        check_run(project, run)
    try:
        if isinstance(file.source, str) and (later or is_url(file.source)):
            assert not callable(asked)  # noqa: S101 - the bytes of a stream alone are not known
            return _accept_job(service, hosted, asker, file, run, asked, id)
        return _Registering(service, hosted, asker, file, run, asked).carry_out(project, id)
    except Earlier as first:
        return first.accepted


def load_group(service: Service, hosted: Hosted, asker: Asker, new: NewGroup) -> Load:
    """Make statements the text of a group; where they lie elsewhere they are fetched.

    Raises:
        NameRefused: the name or the template can't be.
        BrokenGroup: a statement is wrong, or two have one identity; nothing is changed.
        NotFound, InputError, Refused: the source can't be read, or may not be.
        TooMany: others are being fetched.
        ConfigError: the definition has not the form of one.
    """
    project = service.project(hosted.project)
    checked_name(new.name, "named-paths group")
    checked_template(new.template or "", "run_dir")
    source: Path | list[str]
    if new.location is None:
        source = list(new.texts)
    elif is_url(new.location):
        with service.fetches.taken(hosted.owner):
            source = statements_in(_fetched_text(project, new.location))
    else:
        source = Path(checked_text(new.location))
    load = project.load_group(new.name, source, template=new.template, append=new.append)
    service.audit.add(
        Deed(
            time=now(),
            key=asker.name,
            address=asker.address,
            project=hosted.project,
            action="group.load",
            target=new.name,
        )
    )
    return load


def reference_of(load: Load) -> str:
    """Return the reference to all statements of a group, as clients know it.

    It is `$name.csvpaths.0:from` (spec/server.md 6).
    """
    return f"${load.name}.csvpaths.0:from"


def check_source(project: Project, file: NewFile) -> None:
    """See that a job could register a source, as far as can be told without reading it.

    Raises:
        NameRefused, Refused, NotFound, InputError: as `accept_file`.
    """
    checked_name(file.name, "named-file")
    checked_template(file.template or "", "filename")
    assert isinstance(file.source, str)  # noqa: S101 - a stream is never left to a job
    source = checked_text(file.source)
    rules = project.staging.rules
    if is_url(source):
        rules.remote.check(address_of(source.partition("#")[0]))
        return
    if not rules.local:
        raise Refused(
            f"{shown(source, 200)} can't be registered: loading local files is not allowed",
            hint="an administrator switches them on for the server and the project",
        )
    path = Path(source) if Path(source).exists() else Path(source.rpartition("#")[0] or source)
    real = path if rules.roots is None else rules.roots.real(path, source)
    if not real.is_file():
        raise NotFound(f"there is no file {shown(source, 200)}")


@dataclass(frozen=True, slots=True)
class _Registering:
    """One registration that is made at once."""

    service: Service
    hosted: Hosted
    asker: Asker
    file: NewFile
    run: NewRun | None
    asked: Asked | AskedOf | None

    def carry_out(self, project: Project, id: str | None) -> Accepted:  # noqa: A002 - as above
        file, registration = self.file, id or str(uuid4())
        run = self.run
        arrival = None if run is not None else _run_on_arrival(project, file.name)
        # Its engine must not begin, if it has not yet, while the transaction holds the database.
        queue = self.service.queue
        accepted = Accepted()

        def note(connection: Connection, version: Version) -> None:
            nonlocal accepted
            is_new = version.id == registration
            wanted = run or (arrival if is_new else None)
            job = None
            if wanted is not None:
                wish = wanted.wish(file.name)
                job = new_job(
                    self.hosted,
                    self.asker,
                    wish,
                    version=version,
                    registration=version.reference,
                )
            accepted = Accepted(
                job=None if job is None else job.id,
                version=version.id,
                registration=version.reference,
                is_new=is_new,
            )
            asked = self.asked(version.fingerprint) if callable(self.asked) else self.asked
            keep(self.service, connection, asked, accepted)
            if job is not None:
                queue.enqueue(connection, job)

        project.register(
            file.name,
            file.source,
            file_name=file.file_name,
            template=file.template,
            id=registration,
            provenance=self.asker.provenance(file.provenance),
            also=note,
        )
        return accepted


def _accept_job(
    service: Service,
    hosted: Hosted,
    asker: Asker,
    file: NewFile,
    run: NewRun | None,
    asked: Asked | None,
    id: str | None,  # noqa: A002 - as above
) -> Accepted:
    check_source(service.project(hosted.project), file)
    assert isinstance(file.source, str)  # noqa: S101 - asked by the caller
    wish = Wish(file=file.name) if run is None else run.wish(file.name)
    whole = {
        "source": file.source,
        "file_name": file.file_name,
        "file_template": file.template,
        "provenance": asker.provenance(file.provenance),
    }
    job = new_job(hosted, asker, _with(wish, whole), id=id)
    accepted = Accepted(job=job.id)
    queue = service.queue
    with service.database.writing() as connection:
        keep(service, connection, asked, accepted)
        queue.enqueue(connection, job)
    return accepted


def _with(wish: Wish, more: dict[str, Any]) -> Wish:
    return msgspec.structs.replace(wish, **more)


def _run_on_arrival(project: Project, name: str) -> NewRun | None:
    """Return the run that the definition of a name starts when a version arrives."""
    found = project.run_on_arrival(name)
    return None if found is None else NewRun(group=found[0], method=found[1])


def _fetched_text(project: Project, address: str) -> str:
    """Return a file of statements from elsewhere."""
    rules = project.staging.rules
    most = min(rules.remote.most_bytes, MOST_GROUP_BYTES)
    narrow = replace(rules.remote, most_bytes=most, total_s=min(rules.remote.total_s, _GROUP_S))
    if address.lower().endswith(".json"):
        raise InputError(
            f"{shown(address, 200)} can't be loaded: a definition names files beside it",
            hint="give an address of statements",
        )
    with fetched(address, narrow, rules.credentials) as found:
        content = found.stream.read(MOST_GROUP_BYTES + 1)
    try:
        return content.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown(address, 200)} is not UTF-8: byte 0x{content[error.start]:02x}",
            byte_offset=error.start,
            hint="save the file as UTF-8",
        ) from error
