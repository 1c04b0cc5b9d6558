"""Keys: who may make which, and what is told of them.

An admin key makes keys for others, each with projects of its own; nothing binds them, its own end
neither. A key with the scope `admin` makes keys for its own projects, which can do no more than
itself, and no longer. The first key is an admin key, and comes from the machine itself or from
whoever has the token that was printed at the start.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING
from uuid import uuid4

from preboard.catalog.service.audit import Deed
from preboard.catalog.service.keys import SCOPES, Wished, hash_of, id_in, parts_of
from preboard.clock import iso, utc_now
from preboard.errors import NotFound
from preboard.server.auth import hosted_of
from preboard.server.faults import Forbidden, RequestError
from preboard.server.service import BOOTSTRAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.catalog.service.keys import Key, NewKey, Scope
    from preboard.server.auth import Caller
    from preboard.server.service import Service

NOT_FOUND = "API key not found."
MOST_GRACE = timedelta(days=7)
"""How long the former secret of a rotated key may be good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedKey:
    """What somebody wants of a new key; None is whatever is usual."""

    name: str
    owner_name: str
    contact: str
    scopes: Sequence[Scope] | None = None
    projects: Sequence[str] | None = None
    expires: datetime | None = None
    same_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Who asks without a key: the address of the peer, and what came along."""

    address: str
    token: str | None
    is_forwarded: bool


def create_first(service: Service, stranger: Stranger, asked: AskedKey) -> NewKey | None:
    """Make the first key, an admin's; None if there is a key.

    Raises:
        Forbidden: who asks is not on this machine, and does not have the token.
    """
    if service.keys.count():
        return None
    if not _may_begin(service, stranger):
        raise Forbidden(
            "the first API key is made on the machine of the server, or with its start-up token",
            hint="send X-Bootstrap-Token as it was printed at the start, or use `preboard keys`",
        )
    expires = _checked_expiry(asked.expires)
    made = service.keys.create_first(
        Wished(
            owner=str(uuid4()),
            name=asked.name,
            owner_name=asked.owner_name,
            contact=asked.contact,
            expires=expires,
        )
    )
    if made is not None:
        service.switches.drop(BOOTSTRAP)
        service.audit.add(
            Deed(
                time=iso(utc_now()),
                key="the first",
                address=stranger.address,
                action="key.create",
                target=made.key.shown,
            )
        )
    return made


def create(service: Service, caller: Caller, asked: AskedKey) -> NewKey:
    """Make a key that is no admin key.

    Raises:
        Forbidden: the caller may make none, or none like this.
        RequestError: it would have expired.
        NotFound: it is limited to a project that is not there.
        Conflict: the owner has too many.
    """
    if not caller.key.admin:
        caller.need("admin")
    own = not caller.key.admin or asked.same_owner
    limit = caller.key.projects if own else None
    projects = limit
    if asked.projects is not None:
        if not own:
            raise RequestError(
                "a key of another owner can't be limited to projects: there are none yet",
                hint="with same_owner it works on the projects of this key",
            )
        projects = _project_ids(service, caller, asked.projects)
    wished = Wished(
        owner=caller.key.owner if own else str(uuid4()),
        name=asked.name,
        owner_name=asked.owner_name,
        contact=asked.contact,
        scopes=_scopes(caller, asked.scopes),
        projects=projects,
        expires=_limit_of(caller) if asked.expires is None else _expiry(caller, asked.expires),
    )
    made = service.keys.create(wished)
    service.audit.add(caller.deed("key.create", target=made.key.shown))
    return made


def seen(service: Service, caller: Caller, public_id: str) -> Key:
    """Return a key that the caller may look at: any for an admin, else those of its owner.

    Raises:
        Forbidden: the caller has not the scope.
        NotFound: there is no such key for it.
    """
    if not caller.key.admin:
        caller.need("admin")
    key = service.keys.by_public_id(id_in(public_id)) if public_id.isascii() else None
    if key is None or not (caller.key.admin or key.owner == caller.key.owner):
        raise NotFound(NOT_FOUND)
    return key


def managed(service: Service, caller: Caller, public_id: str) -> Key:
    """Return a key that the caller may change: one that can do no more than itself.

    Raises:
        Forbidden: the key can do more, or the caller has not the scope.
        NotFound: there is no such key for it.
    """
    key = seen(service, caller, public_id)
    if not caller.key.admin and (
        key.admin
        or not set(key.scopes) <= set(caller.key.scopes)
        or not _within(key.projects, caller.key.projects)
        or _outlives(key.expires, _limit_of(caller))
    ):
        raise Forbidden("this API key can do more than the one that asks")
    return key


def given(service: Service, text: str) -> Key:
    """Return the key that is named by itself or by its id.

    Raises:
        NotFound: there is none, or the secret is not its own.
    """
    parts = parts_of(text)
    key = service.keys.by_public_id(id_in(text)) if text.isascii() and "\0" not in text else None
    if key is None or (parts and not key.opens_with(parts[1], iso(utc_now()))):
        raise NotFound(NOT_FOUND)
    return key


def rotate(service: Service, caller: Caller, public_id: str, grace_s: float) -> NewKey:
    """Give a key another secret; the former one is good for `grace_s` seconds more."""
    key = managed(service, caller, public_id)
    until = iso(utc_now() + timedelta(seconds=grace_s)) if grace_s else None
    made = service.keys.rotate(key.id, until)
    service.audit.add(caller.deed("key.rotate", target=key.shown))
    return made


def revoke(service: Service, caller: Caller, public_id: str) -> Key:
    """End a key for good."""
    key = managed(service, caller, public_id)
    revoked = service.keys.revoke(key.id, iso(utc_now()))
    service.audit.add(caller.deed("key.revoke", target=key.shown))
    return revoked


def promote(service: Service, caller: Caller, key: Key) -> Key:
    """Make a key an admin key, by one that is."""
    caller.need_admin()
    promoted = service.keys.promote(key.id)
    service.audit.add(caller.deed("key.promote", target=key.shown))
    return promoted


def demote(service: Service, caller: Caller, public_id: str) -> Key:
    """Make an admin key a plain one, by one that is an admin key."""
    caller.need_admin()
    key = service.keys.demote(seen(service, caller, public_id).id, iso(utc_now()))
    service.audit.add(caller.deed("key.demote", target=key.shown))
    return key


def change(
    service: Service,
    caller: Caller,
    public_id: str,
    *,
    name: str | None = None,
    scopes: Sequence[Scope] | None = None,
) -> Key:
    """Change what a key is called, or may do."""
    key = managed(service, caller, public_id)
    new = None if scopes is None else _scopes(caller, scopes)
    changed = service.keys.change(key.id, name=name, scopes=new)
    service.audit.add(caller.deed("key.change", target=key.shown))
    return changed


def expire(service: Service, caller: Caller, public_id: str, expires: datetime | None) -> Key:
    """Say when a key ends, None for never."""
    key = managed(service, caller, public_id)
    changed = service.keys.expire(key.id, _expiry(caller, expires), iso(utc_now()))
    service.audit.add(caller.deed("key.expire", target=key.shown))
    return changed


def project_names(service: Service, key: Key) -> list[str] | None:
    """Return the names of the projects that a key is limited to, None for all of its owner."""
    if key.projects is None:
        return None
    found = (service.hosting.by_id(project) for project in key.projects)
    return [hosted.name for hosted in found if hosted is not None]


def is_loopback(address: str) -> bool:
    """Say whether an address is of this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("::ffff:127.0.0.1")
    (True, True, True)
    >>> is_loopback("192.0.2.7"), is_loopback("localhost.example.org")
    (False, False)
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def _may_begin(service: Service, stranger: Stranger) -> bool:
    kept = service.switches.get(BOOTSTRAP)
    if stranger.token is not None:
        return kept is not None and hmac.compare_digest(kept, hash_of(stranger.token))
    # A proxy on the same machine would make everybody look like being on it.
    return is_loopback(stranger.address) and not stranger.is_forwarded


def _scopes(caller: Caller, wanted: Sequence[Scope] | None) -> tuple[Scope, ...]:
    has = SCOPES if caller.key.admin else caller.key.scopes
    if wanted is None:
        return tuple(has)
    more = [scope for scope in wanted if scope not in has]
    if more:
        raise Forbidden(
            f"this API key can't give the scope {more[0]!r}", hint="it does not have it itself"
        )
    return tuple(scope for scope in SCOPES if scope in wanted)


def _project_ids(service: Service, caller: Caller, names: Sequence[str]) -> tuple[str, ...]:
    found = (hosted_of(service, caller, name, "admin").project for name in names)
    return tuple(dict.fromkeys(found))


def _within(projects: Sequence[str] | None, limit: Sequence[str] | None) -> bool:
    return limit is None or (projects is not None and set(projects) <= set(limit))


def _limit_of(caller: Caller) -> str | None:
    """Return when keys that the caller makes end at the latest, None for never."""
    return None if caller.key.admin else caller.key.expires


def _outlives(expires: str | None, limit: str | None) -> bool:
    return limit is not None and (expires is None or expires > limit)


def _expiry(caller: Caller, wanted: datetime | None) -> str | None:
    """Return when a key ends that the caller makes or changes, None for never."""
    moment = _checked_expiry(wanted)
    limit = _limit_of(caller)
    if _outlives(moment, limit):
        raise Forbidden("this API key can't let a key outlive it", hint=f"it ends at {limit}")
    return moment


def _checked_expiry(expires: datetime | None) -> str | None:
    if expires is None:
        return None
    try:
        moment = iso(expires.astimezone(UTC))
    except OverflowError:
        moment = ""
    if moment <= iso(utc_now()):
        raise RequestError("expires lies in the past", hint="give a moment to come, or null")
    return moment
