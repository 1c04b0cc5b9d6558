"""Looks into the folders of hooks: what is new there is taken when it is no longer written.

A file is taken when it was in the same state, size and time or ETag, in two looks. What was seen is
kept in the catalog: another process may have the next look.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.catalog.service.deliveries import hashed
from preboard.clock import elapsed_s, iso, utc_now
from preboard.config.names import shown
from preboard.errors import InputError, NotFound, Refused
from preboard.server.arrivals.arrival import FileArrival, Left
from preboard.server.arrivals.locations import is_url
from preboard.server.arrivals.taking import reason_to_leave
from preboard.server.services.arriving import accept
from preboard.storage.remote.listing import Listed, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from preboard.catalog.service.hooks import Hook
    from preboard.project.project import Project
    from preboard.server.arrivals.mapping import HookMapping
    from preboard.server.arrivals.polls import Poll
    from preboard.server.service import Service
    from preboard.server.services.arriving import Outcome

LOOK_S = 120.0
"""How long a look may take."""
MOST_FILES = 100_000
"""In a folder; what is taken is moved away or deleted long before."""
_LEAST_S = 0.001
_AT_ONCE = 200
"""Files that are accepted in one transaction."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in a folder; `is_whole`: that is all."""

    files: Sequence[Listed]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to; `is_soon`: files were seen that may be complete only now.

    `refused` says why a file may not be fetched: all others were taken, and it is tried again.
    """

    is_soon: bool
    refused: str | None = None


def look(service: Service, hook: Hook, mapping: HookMapping) -> Looked:
    """Look into the folder of a hook and accept what is new.

    Raises:
        Refused: the folder may not be read.
        NotFound: there is no such folder.
        InputError: it can't be listed, or holds too many files.
        ConfigError: the settings of the project or its credentials can't be.
        StoreError: the catalog can't be used.
    """
    poll = mapping.poll
    assert poll is not None  # noqa: S101 - only such hooks are due
    folder = folder_of(service.project(hook.project), poll)
    now = utc_now()
    files = {hashed(each.address): each for each in folder.files}
    states = {key: _state(each) for key, each in files.items()}
    known = service.seen.of(hook.id)
    changed = {
        key: state for key, state in states.items() if key not in known or known[key].state != state
    }
    service.seen.note(hook.id, hook.project, changed, iso(now))
    if folder.is_whole:
        service.seen.forget(hook.id, known.keys() - files.keys())
    same = {key: known[key] for key in states if key not in changed}
    waiting = [key for key, was in same.items() if not was.settled]
    since = iso(now - timedelta(seconds=poll.settle_s))
    ripe = [key for key in waiting if same[key].since <= since]
    refused = _take_all(service, hook, mapping, {key: files[key] for key in ripe})
    if not folder.is_whole:
        raise InputError(
            f"the folder holds more than {MOST_FILES:,} files, not all of which are looked at",
            hint="move or delete what was taken",
        )
    return Looked(is_soon=bool(changed) or len(ripe) < len(waiting), refused=refused)


def folder_of(project: Project, poll: Poll) -> Folder:
    """List a folder, as far as the settings of the project let it.

    Raises:
        Refused, NotFound, InputError, ConfigError: as `look`.
    """
    rules = project.staging.rules
    if not is_url(poll.location):
        return _local(project, poll)
    ends = elapsed_s() + min(rules.remote.total_s, LOOK_S)
    found: list[Listed] = []
    while True:
        after = found[-1].path if found else ""
        remote = replace(rules.remote, total_s=max(_LEAST_S, ends - elapsed_s()))
        listing = listed(
            poll.location, remote, rules.credentials, recurse=poll.recurse, after=after
        )
        found += listing.files
        if not listing.is_cut:
            return Folder(found, is_whole=True)
        if not listing.files or len(found) >= MOST_FILES:
            return Folder(found, is_whole=False)


def _local(project: Project, poll: Poll) -> Folder:
    rules = project.staging.rules
    if not rules.local or rules.roots is None or not rules.roots.allowed:
        raise Refused(
            f"{shown(poll.location, 200)} can't be looked at: local files are not allowed",
            hint="an administrator switches them on for the server and the project",
        )
    root = rules.roots.real(Path(poll.location), poll.location)
    if not root.is_dir():
        raise NotFound(f"there is no directory {shown(poll.location, 200)}")
    found: list[Listed] = []
    for file in _files_below(root, recurse=poll.recurse):
        if len(found) == MOST_FILES:
            return Folder(found, is_whole=False)
        found.append(file)
    return Folder(found, is_whole=True)


def _files_below(root: Path, *, recurse: bool) -> Iterator[Listed]:
    """Give the regular files of a directory; symbolic links lead nowhere here."""
    folders = [root]
    while folders:
        try:
            entries = sorted(os.scandir(folders.pop()), key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(f"a directory can't be read: {error.strerror}") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if recurse:
                    folders.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # it was taken away in the meantime
                    continue
                changed = datetime.fromtimestamp(status.st_mtime_ns / 1e9, UTC)
                path = f"/{Path(entry.path).relative_to(root).as_posix()}"
                yield Listed(entry.path, path, status.st_size, iso(changed))


def _state(file: Listed) -> str:
    return hashed(str(file.size), file.modified, file.etag)


def _take_all(
    service: Service, hook: Hook, mapping: HookMapping, files: dict[str, Listed]
) -> str | None:
    """Accept files, some at once; returns why the first that may not be fetched may not."""
    keys = list(files)
    refused: list[Refused] = []
    for at in range(0, len(keys), _AT_ONCE):
        some = {key: files[key] for key in keys[at : at + _AT_ONCE]}
        refused += [error for _, error in _take(service, hook, mapping, some).refused]
    return refused[0].message if refused else None


def _take(service: Service, hook: Hook, mapping: HookMapping, files: dict[str, Listed]) -> Outcome:
    taken: list[FileArrival] = []
    left: list[Left] = []
    for file in files.values():
        reason = reason_to_leave(file.path, file.size)
        if reason is None:
            taken.append(_arrival(file))
        else:
            left.append(Left(file.path, reason))

    def settle(connection: Connection, outcome: Outcome) -> None:
        # What may not be fetched is tried again: the settings may be put right.
        again = {each.path for each, _ in outcome.refused}
        settled = [key for key, file in files.items() if file.path not in again]
        service.seen.settle(connection, hook.id, settled)

    return accept(service, hook, mapping, taken, left, notes_refused=False, also=settle)


def _arrival(file: Listed) -> FileArrival:
    scheme = file.address.partition("://")[0] if is_url(file.address) else None
    return FileArrival(
        location=file.address,
        path=file.path,
        kind="found",
        size=file.size,
        event_time=file.modified or None,
        protocol=scheme,
        etag=file.etag or None,
    )
