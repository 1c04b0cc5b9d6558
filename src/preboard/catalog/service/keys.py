"""The keys of a server: who may do what, on whose projects.

A key is `pb_`, 8 characters that name it and 43 that are its secret: 256 random bits. Only the
SHA-256 of the secret is kept; a slow hash is for what people choose, not for what is random. A key
is looked up by its name, and its secret compared in a time that tells nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import string
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import bindparam, func, insert, or_, select, text, update

from preboard.catalog.prepared import Prepared
from preboard.catalog.service.tables import keys
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from preboard.catalog.database import Database

Scope = Literal["register", "run", "read", "admin"]
SCOPES: tuple[Scope, ...] = ("register", "run", "read", "admin")
"""What a key may do with projects: bring files and statements, run, look, and manage them."""

PREFIX = "pb_"
MOST_OF_AN_OWNER = 200
"""Keys of one owner that are not revoked: who may make some can't make any number."""
_ID_CHARACTERS = string.ascii_lowercase + string.digits
_ID_LENGTH = 8
_SECRET_BYTES = 32
_KEY = re.compile(rf"{PREFIX}([a-z0-9]{{{_ID_LENGTH}}})([A-Za-z0-9_-]{{43}})")
_USED_EVERY = timedelta(minutes=1)

# What each request asks for.
_BY_ID = Prepared(select(keys).where(keys.c.id == bindparam("which")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as the catalog has it, without its secret. Times are ISO texts in UTC.

    `owner` is whose projects it works on; `projects` are the ids of those that it is limited to,
    None for all of the owner's. `admin` is of the server, the scope `admin` of the projects.
    """

    id: str
    hash: str
    old_hash: str | None = None
    old_until: str | None = None
    owner: str
    name: str
    owner_name: str
    contact: str
    admin: bool = False
    scopes: tuple[Scope, ...] = SCOPES
    projects: tuple[str, ...] | None = None
    created: str
    expires: str | None = None
    revoked: str | None = None
    last_used: str | None = None

    @property
    def shown(self) -> str:
        """Return what it is called in logs and the audit: no secret is in it."""
        return f"{PREFIX}{self.id}"

    def is_good(self, now: str) -> bool:
        """Say whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def opens_with(self, secret: str, now: str) -> bool:
        """Say whether this is its secret, or the one before while that is good."""
        given = hash_of(secret)
        fits = hmac.compare_digest(given, self.hash)
        old = hmac.compare_digest(given, self.old_hash or self.hash)
        return fits or (old and self.old_until is not None and now < self.old_until)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made, and the text that is shown once."""

    key: Key
    text: str


def hash_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def parts_of(key: str) -> tuple[str, str] | None:
    """Return the id and the secret of a text that has the form of a key, else None."""
    found = _KEY.fullmatch(key)
    return None if found is None else (found[1], found[2])


def id_in(text: str) -> str:
    """Return the id of a key that is given whole, as `pb_id` or as the id alone."""
    parts = parts_of(text)
    return text.removeprefix(PREFIX) if parts is None else parts[0]


def new_secret() -> str:
    """Return a secret of 256 random bits in base64url."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def _new_id() -> str:
    return "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """What a new key is to be."""

    owner: str
    name: str
    owner_name: str = ""
    contact: str = ""
    admin: bool = False
    scopes: tuple[Scope, ...] = SCOPES
    projects: tuple[str, ...] | None = None
    expires: str | None = None


class Keys:
    """The keys of a server."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(self, wished: Wished) -> NewKey:
        """Make a key.

        Raises:
            Conflict: its owner has as many as one may have.
        """
        with self.database.writing() as connection:
            self._lock(connection)
            if self._count_of(connection, wished.owner) >= MOST_OF_AN_OWNER:
                raise Conflict(
                    f"there are {MOST_OF_AN_OWNER} keys of this owner already",
                    hint="revoke one that is no longer needed",
                )
            return self._add(connection, wished)

    def create_first(self, wished: Wished) -> NewKey | None:
        """Make the first key, an admin's; None if there is one already, whoever was quicker."""
        with self.database.writing() as connection:
            self._lock(connection)
            if connection.execute(select(keys.c.id).limit(1)).first() is not None:
                return None
            return self._add(connection, wished, admin=True)

    def count(self, *, owner: str | None = None) -> int:
        """Return how many keys there are or were, of all owners or of one."""
        query = select(func.count()).select_from(keys)
        if owner is not None:
            query = query.where(keys.c.owner == owner)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def by_public_id(self, public_id: str) -> Key | None:
        """Return a key, also one that is revoked or expired; None if there was none."""
        row = self.database.first(_BY_ID, {"which": public_id})
        return None if row is None else _key(row)

    def list(
        self,
        most: int,
        *,
        owner: str | None = None,
        after: tuple[str, str] | None = None,
    ) -> Sequence[Key]:
        """Return keys in the order they were made, also revoked ones.

        Args:
            most: how many at most.
            owner: only those of this owner.
            after: `created` and `id` of the last one of the page before.
        """
        query = select(keys).order_by(keys.c.created, keys.c.id).limit(most)
        if owner is not None:
            query = query.where(keys.c.owner == owner)
        if after is not None:
            created, last = after
            same = (keys.c.created == created) & (keys.c.id > last)
            query = query.where(or_(keys.c.created > created, same))
        with self.database.reading() as connection:
            return [_key(row) for row in connection.execute(query)]

    def rotate(self, public_id: str, old_until: str | None = None) -> NewKey:
        """Give a key another secret; the one before is good until a moment, or no longer.

        Raises:
            NotFound: there is no such key, or it is revoked.
        """
        secret = new_secret()
        kept = keys.c.hash if old_until is not None else None
        changed: dict[str, object] = {
            "hash": hash_of(secret),
            "old_hash": kept,
            "old_until": old_until,
        }
        key = self._change(public_id, changed, keys.c.revoked.is_(None))
        return NewKey(key, f"{PREFIX}{key.id}{secret}")

    def revoke(self, public_id: str, now: str) -> Key:
        """End a key for good; one that is revoked stays so.

        Raises:
            NotFound: there is no such key.
            Conflict: it is the last admin key.
        """
        with self.database.writing() as connection:
            self._lock(connection)
            self._leave_an_admin(connection, public_id, now)
            return self._change_in(
                connection,
                public_id,
                {"revoked": func.coalesce(keys.c.revoked, now), "old_hash": None},
            )

    def change(
        self,
        public_id: str,
        *,
        name: str | None = None,
        scopes: tuple[Scope, ...] | None = None,
    ) -> Key:
        """Change what a key is called or may do.

        Raises:
            NotFound: there is no such key, or it is revoked.
        """
        values: dict[str, object] = {"id": keys.c.id}
        if name is not None:
            values["name"] = name
        if scopes is not None:
            values["scopes"] = json.dumps(scopes)
        return self._change(public_id, values, keys.c.revoked.is_(None))

    def expire(self, public_id: str, expires: str | None, now: str) -> Key:
        """Say when a key ends, None for never.

        Raises:
            NotFound: there is no such key, or it is revoked.
            Conflict: it is the last admin key.
        """
        with self.database.writing() as connection:
            self._lock(connection)
            if expires is not None:
                self._leave_an_admin(connection, public_id, now)
            return self._change_in(
                connection, public_id, {"expires": expires}, keys.c.revoked.is_(None)
            )

    def promote(self, public_id: str) -> Key:
        """Make a key one of the server's admin keys.

        Raises:
            NotFound: there is no such key, or it is revoked.
        """
        return self._change(public_id, {"admin": True}, keys.c.revoked.is_(None))

    def demote(self, public_id: str, now: str) -> Key:
        """Make an admin key a plain one.

        Raises:
            NotFound: there is no such key, or it is revoked.
            Conflict: it is the last admin key.
        """
        with self.database.writing() as connection:
            self._lock(connection)
            self._leave_an_admin(connection, public_id, now)
            return self._change_in(
                connection, public_id, {"admin": False}, keys.c.revoked.is_(None)
            )

    def note_used(self, key: Key) -> None:
        """Note that a key was used, at most once a minute: not each request is a transaction."""
        now = utc_now()
        if key.last_used is not None and key.last_used > iso(now - _USED_EVERY):
            return
        query = update(keys).where(keys.c.id == key.id).values(last_used=iso(now))
        with self.database.viewing() as connection:
            connection.execute(query)

    def _add(self, connection: Connection, wished: Wished, *, admin: bool = False) -> NewKey:
        secret = new_secret()
        key = Key(
            id=_new_id(),
            hash=hash_of(secret),
            owner=wished.owner,
            name=wished.name,
            owner_name=wished.owner_name,
            contact=wished.contact,
            admin=admin or wished.admin,
            scopes=wished.scopes,
            projects=wished.projects,
            created=iso(utc_now()),
            expires=wished.expires,
        )
        connection.execute(insert(keys).values(_row(key)))
        return NewKey(key, f"{PREFIX}{key.id}{secret}")

    def _change(
        self, public_id: str, values: dict[str, object], *wanted: ColumnElement[bool]
    ) -> Key:
        with self.database.writing() as connection:
            return self._change_in(connection, public_id, values, *wanted)

    def _change_in(
        self,
        connection: Connection,
        public_id: str,
        values: dict[str, object],
        *wanted: ColumnElement[bool],
    ) -> Key:
        query = update(keys).where(keys.c.id == public_id, *wanted).values(values).returning(keys)
        row = connection.execute(query).first()
        if row is None:
            raise NotFound("API key not found.")
        return _key(row)

    def _lock(self, connection: Connection) -> None:
        """Let nobody else change keys until the end: SQLite has one writer at a time anyway."""
        if self.database.dialect == "postgresql":
            connection.execute(text("LOCK TABLE pb_key IN SHARE ROW EXCLUSIVE MODE"))

    def _count_of(self, connection: Connection, owner: str) -> int:
        query = select(func.count()).select_from(keys)
        wanted = query.where(keys.c.owner == owner, keys.c.revoked.is_(None))
        return connection.execute(wanted).scalar_one()

    def _leave_an_admin(self, connection: Connection, public_id: str, now: str) -> None:
        """See to it that the server has an admin key behind a change of this one."""
        query = select(keys).where(keys.c.admin, keys.c.revoked.is_(None))
        good = [key for key in map(_key, connection.execute(query)) if key.is_good(now)]
        lasting = [key for key in good if key.id != public_id]
        if len(lasting) < len(good) and not lasting:
            raise Conflict(
                "this is the last admin key of the server",
                hint="make another key an admin key first",
            )


def _row(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "hash": key.hash,
        "owner": key.owner,
        "name": key.name,
        "owner_name": key.owner_name,
        "contact": key.contact,
        "admin": key.admin,
        "scopes": json.dumps(key.scopes),
        "projects": None if key.projects is None else json.dumps(key.projects),
        "created": key.created,
        "expires": key.expires,
    }


def _key(row: Any) -> Key:
    return Key(
        id=row.id,
        hash=row.hash,
        old_hash=row.old_hash,
        old_until=row.old_until,
        owner=row.owner,
        name=row.name,
        owner_name=row.owner_name,
        contact=row.contact,
        admin=row.admin,
        scopes=tuple(json.loads(row.scopes)),
        projects=None if row.projects is None else tuple(json.loads(row.projects)),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        last_used=row.last_used,
    )
