"""Hooks as their owners handle them: made, listed, changed, given another secret, removed."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from preboard.catalog.service.hooks import Hook
from preboard.catalog.service.keys import hash_of
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound, NotUnderstood
from preboard.server.arrivals.mapping import parse
from preboard.server.arrivals.secrets import needs_itself
from preboard.server.auth import hosted_of
from preboard.server.services import owned
from preboard.server.services.admin import project_named
from preboard.server.services.arriving import (
    check_location,
    is_hook_id,
    mapping_of,
    secret_variable,
)
from preboard.server.services.env import read_env, set_env_value
from preboard.server.services.kept import env_text

if TYPE_CHECKING:
    from preboard.catalog.service.hosting import Hosted
    from preboard.catalog.service.keys import Scope
    from preboard.server.arrivals.mapping import HookMapping
    from preboard.server.arrivals.secrets import Signature
    from preboard.server.auth import Caller
    from preboard.server.service import Service

LONGEST_DEFINITION = 128 << 10
SECRET_BYTES = 32
MOST_GRACE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSecret:
    """A secret that was made, which is told this time only; None if there is nothing to tell.

    `variable` is the name in the project's env of one that senders sign with.
    """

    hook: Hook
    secret: str | None = None
    variable: str | None = None


def make_hook(
    service: Service, caller: Caller, definition: dict[str, Any], owner: str | None
) -> HookSecret:
    """Make a hook.

    Raises:
        NotFound: there is no such project.
        Forbidden: the key may not do this.
        NotUnderstood: the definition is none; names the place as a JSON pointer.
        Refused: the folder to look into may not be read.
        Conflict: several owners have a project of that name.
    """
    mapping = parse(definition)
    hosted = _project_of(service, caller, mapping.project, owner)
    text = _kept_text(definition)
    _need_what_it_does(caller, mapping)
    _check_folder(service, hosted, mapping)
    known_as = str(uuid4())
    told = _secret_of(service, hosted, known_as, mapping)
    now = utc_now()
    hook = Hook(
        id=known_as,
        project=hosted.project,
        name=mapping.name or f"{definition.get('adapter') or 'folder'} {known_as[:8]}",
        mapping=text,
        secret=told.hash,
        key=caller.key.id,
        created=iso(now),
        next_poll=None if mapping.poll is None else iso(now),
    )
    service.hooks.add(hook)
    owned.audit(service, caller, hosted, "hook.create", hook.id)
    return HookSecret(hook=hook, secret=told.text, variable=told.variable)


def hook_of(service: Service, caller: Caller, which: str, scope: Scope) -> tuple[Hook, Hosted]:
    """Return a hook of a project that the key may use in this way, and the project.

    Raises:
        NotFound: there is none with this id, or it is another owner's.
        Forbidden: the key lacks the scope.
    """
    hook = service.hooks.by_id(which) if is_hook_id(which) else None
    hosted = None if hook is None else service.hosting.by_id(hook.project)
    if hook is None or hosted is None or not _may_use(caller, hosted):
        raise NotFound("there is no such hook", hint="the list of hooks has those of this key")
    caller.need(scope)
    return hook, hosted


def hooks_of(
    service: Service,
    caller: Caller,
    most: int,
    *,
    project: str | None = None,
    after: tuple[str, str] | None = None,
) -> tuple[list[Hook], int]:
    """Return hooks of a project, or of all projects that the key can use, and how many there are.

    Raises:
        NotFound: there is no such project.
        Forbidden: the key lacks the scope.
    """
    caller.need("read")
    if project is not None:
        only: list[str] | None = [hosted_of(service, caller, project, "read").project]
    else:
        allowed = caller.key.projects
        only = None if allowed is None else list(allowed)
    everything = caller.key.admin and only is None
    owner = None if everything else caller.key.owner
    found = service.hooks.page(most, owner=owner, projects=only, after=after)
    return found, service.hooks.count(owner=owner, projects=only)


def change_hook(
    service: Service,
    caller: Caller,
    which: str,
    *,
    paused: bool | None = None,
    definition: dict[str, Any] | None = None,
) -> HookSecret:
    """Pause a hook, let it go on, or give it another definition; returns it with a new secret.

    There is a new secret only when the way it is kept changes: as a hash, or as itself.

    Raises:
        NotFound: there is no such hook.
        Forbidden: the key lacks the scope, or may not do what the hook is to do.
        NotUnderstood: the definition is none, or of another project.
        Refused: the folder to look into may not be read.
    """
    hook, hosted = hook_of(service, caller, which, "admin")
    values: dict[str, object] = {}
    told = _Secret()
    if definition is not None:
        mapping = parse(definition)
        if mapping.project != hosted.name:
            raise NotUnderstood(
                "is another project", pointer="/project", hint="make another hook for it"
            )
        _need_what_it_does(caller, mapping)
        _check_folder(service, hosted, mapping)
        values["mapping"] = _kept_text(definition)
        if mapping.name is not None:
            values["name"] = mapping.name
        if _kind(mapping) != _kind(mapping_of(hook.mapping)):
            told = _secret_of(service, hosted, hook.id, mapping)
            values |= {"secret": told.hash, "old_secret": None, "old_until": None}
        poll = mapping.poll
        values |= {"next_poll": iso(utc_now()) if poll else None, "last_error": None, "failures": 0}
    if paused is not None:
        values["paused"] = paused
    if values and not service.hooks.change(hook.id, values):
        raise NotFound("the hook was removed in the meantime")
    owned.audit(service, caller, hosted, "hook.change", hook.id)
    changed, _ = hook_of(service, caller, which, "admin")
    return HookSecret(hook=changed, secret=told.text, variable=told.variable)


def rotate_secret(service: Service, caller: Caller, which: str, grace: timedelta) -> HookSecret:
    """Give a hook another secret; the former one is good for a while, if so wished.

    Raises:
        NotFound: there is no such hook.
        Forbidden: the key lacks the scope.
        Conflict: it has none, or the secret must be good at once.
    """
    hook, hosted = hook_of(service, caller, which, "admin")
    mapping = mapping_of(hook.mapping)
    if mapping.secret is None:
        raise Conflict("the hook looks at a folder, and has no secret")
    signed = needs_itself(mapping.secret)
    if signed and grace:
        raise Conflict(
            "the secret of a signature is kept once: the former one can't be good any longer",
            hint="leave out grace_s, and change the sender at once",
        )
    told = _secret_of(service, hosted, hook.id, mapping, anew=True)
    values: dict[str, object] = {
        "secret": told.hash,
        "old_secret": hook.secret if grace else None,
        "old_until": iso(utc_now() + grace) if grace else None,
    }
    if not service.hooks.change(hook.id, values):
        raise NotFound("the hook was removed in the meantime")
    owned.audit(service, caller, hosted, "hook.rotate", hook.id)
    return HookSecret(hook=hook, secret=told.text, variable=told.variable)


def remove_hook(service: Service, caller: Caller, which: str) -> None:
    """Remove a hook; what arrived by it stays.

    Raises:
        NotFound: there is no such hook.
        Forbidden: the key lacks the scope.
    """
    hook, hosted = hook_of(service, caller, which, "admin")
    service.hooks.remove(hook.id, iso(utc_now()))
    owned.audit(service, caller, hosted, "hook.delete", hook.id)


def definition_of(hook: Hook) -> dict[str, Any]:
    """Return the definition of a hook as it was given."""
    found: dict[str, Any] = json.loads(hook.mapping)
    return found


@dataclass(frozen=True, slots=True)
class _Secret:
    hash: str | None = None
    text: str | None = None
    variable: str | None = None


def _secret_of(
    service: Service, hosted: Hosted, hook: str, mapping: HookMapping, *, anew: bool = False
) -> _Secret:
    """Return a new secret; one that senders sign with goes into the project's env.

    One that stands there already is theirs: it is kept, and not told, unless it is to be `anew`.
    """
    if mapping.secret is None:
        return _Secret()
    text = secrets.token_urlsafe(SECRET_BYTES)
    if not needs_itself(mapping.secret):
        return _Secret(hash_of(text), text)
    variable = secret_variable(hook, _signature(mapping))
    root = service.directory(hosted.project)
    if not anew and read_env(env_text(root)).get(variable):
        return _Secret(variable=variable)
    set_env_value(root, variable, text)
    return _Secret(text=text, variable=variable)


def _signature(mapping: HookMapping) -> Signature:
    return mapping.secret  # type: ignore[return-value] # asked by the caller


def _kind(mapping: HookMapping) -> tuple[bool, str]:
    """Return how the secret is kept: not at all, as a hash, or itself under a name."""
    if mapping.secret is None or not needs_itself(mapping.secret):
        return mapping.secret is not None, ""
    return True, _signature(mapping).variable or "its own"


def _project_of(service: Service, caller: Caller, name: str, owner: str | None) -> Hosted:
    """Return the project of a new hook: the caller's own, or for an admin key any other."""
    if owner is not None:
        caller.need_admin()
        return project_named(service, name, owner)
    try:
        return hosted_of(service, caller, name, "admin")
    except NotFound:
        if not caller.key.admin or caller.key.projects is not None:
            raise
        return project_named(service, name, None)


def _may_use(caller: Caller, hosted: Hosted) -> bool:
    allowed = caller.key.projects
    if allowed is not None:
        return hosted.owner == caller.key.owner and hosted.project in allowed
    return caller.key.admin or hosted.owner == caller.key.owner


def _need_what_it_does(caller: Caller, mapping: HookMapping) -> None:
    """See that a key may do itself what a hook of its making will do.

    Raises:
        Forbidden: it may not.
    """
    caller.need("register")
    if any(rule.group is not None for rule in mapping.rules):
        caller.need("run")


def _check_folder(service: Service, hosted: Hosted, mapping: HookMapping) -> None:
    """See that a folder may be looked into; whether it is there is seen when it is looked at."""
    if mapping.poll is not None:
        check_location(service.project(hosted.project), mapping.poll.location)


def _kept_text(definition: dict[str, Any]) -> str:
    """Return a definition as it is kept."""
    try:
        text = json.dumps(definition, allow_nan=False)
        json.dumps(definition, ensure_ascii=False).encode()
    except ValueError as error:
        raise NotUnderstood("holds numbers or characters that JSON does not have") from error
    if len(text) > LONGEST_DEFINITION:
        raise NotUnderstood(f"is longer than {LONGEST_DEFINITION:,} characters")
    return text
