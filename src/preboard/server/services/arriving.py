"""What hooks hear of: files that arrived elsewhere are accepted, each once, and fetched by jobs.

In: a request to a hook, or what was found in a folder. Out: what became of each file, when it is
durable. All files of one request are one transaction: who gets no answer sends it again, and then
all of it is new, or all of it is known.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from preboard.catalog.names import Names
from preboard.catalog.service.deliveries import Asked
from preboard.catalog.service.hooks import ArrivalRow
from preboard.catalog.service.jobs import NewJob, Wish
from preboard.catalog.service.keys import hash_of
from preboard.clock import iso, utc_now
from preboard.config.names import shown, storable
from preboard.errors import (
    ConfigError,
    NameRefused,
    NotFound,
    NotUnderstood,
    Refused,
    StoreError,
)
from preboard.server.arrivals.arrival import Handshake, Left
from preboard.server.arrivals.duplicates import delivery_key
from preboard.server.arrivals.locations import is_url
from preboard.server.arrivals.mapping import parse
from preboard.server.arrivals.routing import Delivery, route
from preboard.server.arrivals.secrets import Basic, Hashed, Signature, check_secret
from preboard.server.faults import Forbidden, HookUnknown, Paused, TooMany
from preboard.server.services.env import read_env
from preboard.server.services.kept import env_text
from preboard.server.services.telling import Answer, ToldBefore, asked_of, keep, told_before
from preboard.staging.sources import usable_name
from preboard.storage.remote.addresses import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from preboard.catalog.service.hooks import Hook
    from preboard.catalog.service.hooks import Outcome as Became
    from preboard.project.project import Project
    from preboard.server.arrivals.arrival import FileArrival, Incoming
    from preboard.server.arrivals.mapping import HookMapping
    from preboard.server.service import Service

LONGEST_REASON = 500
_USED_EVERY = timedelta(minutes=1)

log = logging.getLogger("preboard.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A file that was taken, now or before: `run` is the id of what fetches it, and runs it."""

    run: str
    path: str
    named_file: str
    group: str | None
    duplicate: bool = False
    note: str | None = None
    """What of it is otherwise than the hook says."""


@dataclass(slots=True)
class Outcome:
    """What became of the files of one request, or of one look into a folder."""

    started: list[Started] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    refused: list[tuple[Left, Refused]] = field(default_factory=list)
    """Files that may not be fetched, and the errors that say so."""

    @property
    def has_failed(self) -> bool:
        """Say whether nothing that was wanted may be fetched."""
        return bool(self.refused) and not self.started


@lru_cache(maxsize=512)
def mapping_of(text: str) -> HookMapping:
    """Return the mapping of a hook, from its definition as it is kept."""
    return parse(json.loads(text))


def hear(service: Service, which: str, incoming: Incoming, key: str | None = None) -> Answer:
    """Take a request to a hook, and return what its sender is told.

    With an idempotency `key` that was sent before it is told the same, and nothing is done.

    Raises:
        RequestError: the key can't be one.
        Conflict: something else was sent with it.
        HookUnknown: there is no such hook, or the secret did not come with the request.
        TooMany: the hook is called too often.
        Paused: it is paused.
        NotUnderstood: the request is not of the form that the hook reads.
        Forbidden: no file of it may be fetched.
        StoreError: nothing could be accepted; the sender should try again.
    """
    hook, mapping = _known(service, which, incoming)
    wait_s = service.requests.take(f"hook {hook.id}")
    if wait_s:
        raise TooMany("this hook is called too often", retry_after_s=wait_s)
    if hook.paused:
        raise Paused("the hook is paused", hint="send it again later")
    asked = asked_of(hook, key, incoming.body)
    before = told_before(service, asked)
    if before is not None:
        return before
    try:
        heard = mapping.read(incoming)
    except NotUnderstood as error:
        log.warning("a request to the hook %s is not understood: %s", hook.id, error.message)
        service.arrivals.note(_row(hook, Left("", error.message), "refused", iso(utc_now())))
        raise
    if isinstance(heard, Handshake):
        if heard.confirm_url is not None:
            service.confirmations.confirm(hook, heard.confirm_url)
        return Answer(heard.status, dict(heard.body), dict(heard.headers))

    def note(connection: Connection, outcome: Outcome) -> None:
        if asked is not None and not outcome.has_failed:
            keep(service, connection, asked, _answer(mapping, outcome))

    try:
        outcome = accept(service, hook, mapping, heard.files, heard.left, also=note)
    except ToldBefore as other:
        return other.answer
    if outcome.has_failed:
        first = outcome.refused[0][1]
        raise Forbidden(first.message, hint=first.hint)
    return _answer(mapping, outcome)


def accept(
    service: Service,
    hook: Hook,
    mapping: HookMapping,
    files: Iterable[FileArrival],
    left: Iterable[Left] = (),
    *,
    notes_refused: bool = True,
    also: Callable[[Connection, Outcome], object] | None = None,
) -> Outcome:
    """Accept the files that a hook heard of, in one transaction, and note what became of each.

    A file whose group is not there is registered all the same: what a partner sent is kept, and the
    run can be made when the group is. A file that may not be fetched keeps no other one out.

    Args:
        service: the server.
        hook: which.
        mapping: what it says.
        files: what was announced.
        left: what was announced and is not taken.
        notes_refused: enter files that may not be fetched into the list, too.
        also: called in the transaction.

    Raises:
        StoreError: nothing was accepted.
    """
    outcome = Outcome(left=list(left))
    deliveries = _checked(service, hook, mapping, files, outcome)
    groups = Names(service.database, hook.project, "groups")
    has_group = {name: groups.exists(name) for name in {each.group for each in deliveries} if name}
    queue = service.queue  # its engine must not begin while the transaction holds the database
    now = utc_now()
    with service.database.writing() as connection:
        rows = []
        for delivery in deliveries:
            job = _job(hook, delivery, has_group)
            first = _first(service, connection, hook, delivery, job)
            if first is None:
                queue.enqueue(connection, job)
            started = _started(delivery, job, first)
            outcome.started.append(started)
            rows.append(_row_of(hook, delivery, started, iso(now)))
        refused = [each for each, _ in outcome.refused] if notes_refused else []
        rows += [_row(hook, each, "refused", iso(now)) for each in refused]
        # What names no file, such as an event of another kind, is no arrival.
        rows += [_row(hook, each, "left", iso(now)) for each in outcome.left if each.path]
        service.arrivals.add(connection, rows)
        service.hooks.note_used(connection, hook, iso(now), iso(now - _USED_EVERY))
        if also is not None:
            also(connection, outcome)
    return outcome


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what became of the files, as senders are told it."""
    return {
        "runs": [
            {
                "run_uuid": each.run,
                "path": each.path,
                "named_file": each.named_file,
                "group": each.group,
                "duplicate": each.duplicate,
                "note": each.note,
            }
            for each in outcome.started
        ],
        "left": [{"path": each.path, "reason": each.reason} for each in outcome.left],
        "refused": [{"path": each.path, "reason": each.reason} for each, _ in outcome.refused],
    }


def _answer(mapping: HookMapping, outcome: Outcome) -> Answer:
    jobs = tuple(each.run for each in outcome.started)
    return Answer(mapping.answer, told(outcome), jobs=jobs)


def secret_variable(hook: str, settings: Signature) -> str:
    """Return under which name the project's env has the secret that a sender signs with.

    >>> secret_variable("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", Signature("x-signature"))
    'HOOK_SECRET_1B9D6BCD'
    """
    return settings.variable or f"HOOK_SECRET_{hook[:8].upper()}"


def note_trouble(service: Service, hook: Hook, reason: str) -> None:
    """Note something about a hook that is about no file."""
    service.arrivals.note(_row(hook, Left("", reason), "refused", iso(utc_now())))


def _known(service: Service, which: str, incoming: Incoming) -> tuple[Hook, HookMapping]:
    """Return the hook that a request is for, if it knows the secret."""
    hook = service.hooks.by_id(which) if is_hook_id(which) else None
    mapping = None if hook is None else mapping_of(hook.mapping)
    if hook is None or mapping is None or mapping.secret is None:
        hash_of(which)  # as much work as for one that is known
        raise HookUnknown
    settings = mapping.secret
    if isinstance(settings, Signature):
        good = check_secret(incoming, settings, _signing_secret(service, hook, settings))
    else:
        kept = hook.hashes(iso(utc_now()))
        good = any(check_secret(incoming, settings, Hashed(each)) for each in kept)
    if not good:
        is_asking = isinstance(settings, Basic) and "authorization" not in incoming.headers
        raise HookUnknown(counts=not is_asking)
    return hook, mapping


def is_hook_id(which: str) -> bool:
    """Say whether a text can be the id of a hook at all; no other one is looked for.

    >>> is_hook_id("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"), is_hook_id("../hooks")
    (True, False)
    """
    try:
        return str(UUID(which)) == which
    except ValueError:
        return False


def _signing_secret(service: Service, hook: Hook, settings: Signature) -> str:
    """Return the secret in the project's env, "" if it has none."""
    try:
        values = read_env(env_text(service.directory(hook.project)))
    except (ConfigError, NotFound):
        return ""
    return values.get(secret_variable(hook.id, settings), "")


def _checked(
    service: Service,
    hook: Hook,
    mapping: HookMapping,
    files: Iterable[FileArrival],
    outcome: Outcome,
) -> list[Delivery]:
    """Return what is to be fetched; what is left or refused goes into the outcome."""
    found = []
    project = None
    for file in files:
        routed = route(mapping, file)
        if isinstance(routed, Delivery):
            routed = _named(routed)
        if isinstance(routed, Left):
            outcome.left.append(routed)
            continue
        project = project or _project(service, hook)
        try:
            check_location(project, routed.location)
        except Refused as error:
            outcome.refused.append((Left(file.path, error.message), error))
        else:
            found.append(routed)
    return found


def _named(delivery: Delivery) -> Delivery | Left:
    """Return a delivery whose file can be called as its uploader calls it."""
    try:
        usable_name(file_name_of(delivery.arrival))
    except NameRefused as error:
        return Left(delivery.arrival.path, error.message)
    return delivery


def file_name_of(arrival: FileArrival) -> str:
    """Return what an arrival is called: the last part of its path."""
    return arrival.path.replace("\\", "/").rpartition("/")[2]


def _project(service: Service, hook: Hook) -> Project:
    try:
        return service.project(hook.project)
    except ConfigError as error:  # it is not the sender's, who should come again
        raise StoreError(f"the settings of the project can't be read: {error.message}") from error


def check_location(project: Project, location: str) -> None:
    """See that a project may fetch a file, as far as can be told without asking for it.

    A sender that is told no can be told again when the settings are right; a file that was accepted
    and can't be fetched is lost to it.

    Raises:
        Refused: it may not.
    """
    rules = project.staging.rules
    if is_url(location):
        address = address_of(location)
        if address.host:  # else it is the server of the settings, which the fetching asks for
            rules.remote.check(address)
        return
    if not rules.local or rules.roots is None or not rules.roots.allowed:
        raise Refused(
            f"{shown(location, 200)} can't be registered: loading local files is not allowed",
            hint="an administrator switches them on for the server and the project",
        )
    rules.roots.real(Path(location), location)


def _job(hook: Hook, delivery: Delivery, has_group: dict[str, bool]) -> NewJob:
    group = delivery.group if delivery.group and has_group[delivery.group] else None
    by = f"hook {hook.name}"
    wish = Wish(
        file=delivery.named_file,
        source=delivery.location,
        file_name=file_name_of(delivery.arrival),
        file_template=delivery.file_template,
        provenance=replace(delivery.arrival.provenance, registered_by=by),
        announced=True,
        group=group,
        method=delivery.method,
        template=delivery.template if group else None,
    )
    return NewJob(id=str(uuid4()), project=hook.project, wish=wish, asked_by=by, key=hook.key)


def _first(
    service: Service, connection: Connection, hook: Hook, delivery: Delivery, job: NewJob
) -> str | None:
    """Return the job that an earlier announcement of a file started, None if this is the first.

    One whose file could not be fetched is none: it is fetched now. One that waits to fetch it does
    so at once.
    """
    key = delivery_key(hook.id, delivery.arrival)
    if key is None:
        return None
    asked = Asked(scope=hook.project, key=key, body=key)
    known = service.deliveries.claim(connection, asked, utc_now(), job=job.id)
    if known is None or known.job is None:
        return None
    former = service.jobs.by_id_in(connection, known.job)
    has_failed = former is not None and former.state == "failed" and former.version is None
    if has_failed and service.deliveries.lead_on(connection, asked, known.job, job.id):
        return None
    if former is not None and former.again is not None:
        service.jobs.hasten(connection, former.id, iso(utc_now()))
    return known.job


def _started(delivery: Delivery, job: NewJob, first: str | None) -> Started:
    note = None
    if delivery.group and job.wish.group is None and first is None:
        note = f"only registered: there is no group {shown(delivery.group)}"
    return Started(
        run=first or job.id,
        path=delivery.arrival.path,
        named_file=delivery.named_file,
        group=delivery.group if first else job.wish.group,
        duplicate=first is not None,
        note=note,
    )


def _row_of(hook: Hook, delivery: Delivery, started: Started, now: str) -> ArrivalRow:
    event = delivery.arrival.event_id
    return ArrivalRow(
        project=hook.project,
        hook=hook.id,
        time=now,
        event_id=_kept(event) if event else None,
        path=_kept(started.path),
        outcome="duplicate" if started.duplicate else "taken",
        reason=started.note,
        job=started.run,
    )


def _row(hook: Hook, left: Left, outcome: Became, now: str) -> ArrivalRow:
    return ArrivalRow(
        project=hook.project,
        hook=hook.id,
        time=now,
        path=_kept(left.path),
        outcome=outcome,
        reason=_kept(left.reason)[:LONGEST_REASON],
    )


def _kept(text: str) -> str:
    """Return a text as a database keeps it."""
    return storable(text).replace("\0", "\\x00")
