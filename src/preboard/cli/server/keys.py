"""`preboard keys`: the API keys of a server, for whoever runs it on the machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.options import UsageError
from preboard.cli.output import answer, tell
from preboard.cli.projects.columns import moment, write_columns
from preboard.cli.projects.parameters import AsJson
from preboard.cli.server.home import DatabaseUrl, HomeDirectory, settings_of
from preboard.clock import iso, utc_now

if TYPE_CHECKING:
    from preboard.catalog.database import Database
    from preboard.catalog.service.keys import Key, Keys, NewKey, Scope

_OPERATOR = "the operator"
_PAGE = 1000


class Do(StrEnum):
    """What can be done with keys."""

    LIST = "list"
    CREATE = "create"
    ROTATE = "rotate"
    REVOKE = "revoke"
    PROMOTE = "promote"
    DEMOTE = "demote"


class Power(StrEnum):
    """What a key may do with projects."""

    REGISTER = "register"
    RUN = "run"
    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the command line says."""

    key: str | None
    name: str
    owner: str
    contact: str
    admin: bool
    same_owner: str | None
    scopes: tuple["Scope", ...] | None
    expires: str | None
    grace_s: float
    as_json: bool


def keys_command(  # noqa: PLR0913 - what can be said of a key
    do: Annotated[
        Do,
        typer.Argument(
            metavar="list|create|rotate|revoke|promote|demote", help="What is done with keys."
        ),
    ],
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="Its id, as `list` shows it: pb_k3f09aqx.")
    ] = None,
    *,
    home: HomeDirectory = None,
    database_url: DatabaseUrl = None,
    name: Annotated[str | None, typer.Option(help="create: what it is called; else key.")] = None,
    owner: Annotated[str | None, typer.Option(help="create: who has it.")] = None,
    contact: Annotated[str | None, typer.Option(help="create: how to reach them.")] = None,
    admin: Annotated[
        bool, typer.Option("--admin", help="create: an admin key; the first always is one.")
    ] = False,
    same_owner: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="create: one for the projects of another key."),
    ] = None,
    scope: Annotated[
        list[Power] | None,
        typer.Option(
            metavar="register|run|read|admin",
            help="create: what it may do with projects; may be repeated.",
        ),
    ] = None,
    expires: Annotated[
        datetime | None, typer.Option(metavar="DATE", help="create: when it ends, in UTC.")
    ] = None,
    grace: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", min=0, help="rotate: how long the former secret is good, too."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make, list and end the API keys of a server, also while it runs.

    A key that is made or rotated is shown for the only time.

    Exits with 0 when it is done; 2 on a wrong command line or setting; 3 when there is no such
    server or key.
    """
    of_create = {
        "--name": name, "--owner": owner, "--contact": contact, "--admin": admin or None,
        "--same-owner": same_owner, "--scope": scope, "--expires": expires,
    }  # fmt: skip
    _need_unsaid(do, Do.CREATE, of_create)
    _need_unsaid(do, Do.ROTATE, {"--grace": grace})
    said = _Said(
        key=key,
        name="key" if name is None else name,
        owner=owner or "",
        contact=contact or "",
        admin=admin,
        same_owner=same_owner,
        scopes=None if scope is None else tuple(each.value for each in scope),
        expires=_moment(expires),
        grace_s=grace or 0,
        as_json=as_json,
    )
    if (key is None) != (do in (Do.LIST, Do.CREATE)):
        raise UsageError(f"{do} takes {'no key' if key else 'the id of a key'}")
    with _opened(home, database_url, make=do is Do.CREATE) as database:
        _DOING[do](database, said)
    return Exit.VALID


def _need_unsaid(do: Do, of: Do, options: Mapping[str, object]) -> None:
    """See that options of one thing to do are not given with another."""
    given = [option for option, value in options.items() if value is not None]
    if do is not of and given:
        raise UsageError(f"{given[0]} is for `keys {of}`")


@contextmanager
def _opened(home: str | None, url: str | None, *, make: bool) -> Iterator["Database"]:
    from preboard.catalog.database import Database  # noqa: PLC0415 - only when used
    from preboard.errors import NotFound  # noqa: PLC0415

    settings = settings_of(home, database_url=url)
    from preboard.server.homes import note_database, prepare_home  # noqa: PLC0415 - is an extra

    if make:
        prepare_home(settings)
    try:
        database = Database(settings.catalog_url, make=make)
    except NotFound as error:
        hint = "--home DIR says where it is"
        raise NotFound(f"there is no server in {settings.home}", hint=hint) from error
    if make:
        note_database(settings.home, settings.catalog_url)
    try:
        yield database
    finally:
        database.close()


def _list(database: "Database", said: _Said) -> None:
    keys, now = _keys(database), iso(utc_now())
    listed: list[Key] = []
    after = None
    while page := keys.list(_PAGE, after=after):
        listed += page
        after = page[-1].created, page[-1].id
    with answer() as out:
        if said.as_json:
            for key in listed:
                out.write(dumps(_shown(key, now)) + "\n")
            return
        titles = ["key", "name", "owner", "may", "state", "created", "last used"]
        write_columns(out, titles, [_words(key, now) for key in listed])
    if not listed:
        tell("there are no keys yet")


def _create(database: "Database", said: _Said) -> None:
    from preboard.catalog.service.keys import SCOPES, Wished  # noqa: PLC0415 - only when used

    keys = _keys(database)
    owner = str(uuid4()) if said.same_owner is None else _found(keys, said.same_owner).owner
    wished = Wished(
        owner=owner,
        name=said.name,
        owner_name=said.owner,
        contact=said.contact,
        admin=said.admin,
        scopes=SCOPES if said.scopes is None else said.scopes,
        expires=said.expires,
    )
    made = keys.create_first(wished) or keys.create(wished)
    _note(database, "key.create", made.key)
    _tell_new(made, said)


def _rotate(database: "Database", said: _Said) -> None:
    keys = _keys(database)
    until = iso(utc_now() + timedelta(seconds=said.grace_s)) if said.grace_s else None
    made = keys.rotate(_found(keys, said.key).id, until)
    _note(database, "key.rotate", made.key)
    _tell_new(made, said)


def _revoke(database: "Database", said: _Said) -> None:
    keys = _keys(database)
    _changed(database, "key.revoke", keys.revoke(_found(keys, said.key).id, iso(utc_now())))


def _promote(database: "Database", said: _Said) -> None:
    keys = _keys(database)
    _changed(database, "key.promote", keys.promote(_found(keys, said.key).id))


def _demote(database: "Database", said: _Said) -> None:
    keys = _keys(database)
    _changed(database, "key.demote", keys.demote(_found(keys, said.key).id, iso(utc_now())))


_DOING: dict[Do, Callable[["Database", _Said], None]] = {
    Do.LIST: _list,
    Do.CREATE: _create,
    Do.ROTATE: _rotate,
    Do.REVOKE: _revoke,
    Do.PROMOTE: _promote,
    Do.DEMOTE: _demote,
}


def _keys(database: "Database") -> "Keys":
    from preboard.catalog.service.keys import Keys  # noqa: PLC0415 - only when used

    return Keys(database)


def _found(keys: "Keys", named: str | None) -> "Key":
    from preboard.catalog.service.keys import id_in  # noqa: PLC0415 - only when used
    from preboard.config.names import shown  # noqa: PLC0415
    from preboard.errors import NotFound  # noqa: PLC0415

    public_id = id_in(named or "")
    key = keys.by_public_id(public_id)
    if key is None:
        raise NotFound(f"there is no key {shown(public_id)}", hint="preboard keys list shows them")
    return key


def _note(database: "Database", action: str, key: "Key") -> None:
    from preboard.catalog.service.audit import Audit, Deed  # noqa: PLC0415 - only when used
    from preboard.config.environment import user_name  # noqa: PLC0415

    who = f"{_OPERATOR} {user_name()}"
    Audit(database).add(Deed(time=iso(utc_now()), key=who, action=action, target=key.shown))


def _changed(database: "Database", action: str, key: "Key") -> None:
    _note(database, action, key)
    with answer() as out:
        out.write(f"{key.shown}\n")


def _tell_new(made: "NewKey", said: _Said) -> None:
    with answer() as out:
        if said.as_json:
            shown = {"api_key": made.text, **_shown(made.key, iso(utc_now()))}
            out.write(dumps(shown) + "\n")
        else:
            out.write(f"{made.text}\n")
    kind = "an admin key" if made.key.admin else "a key"
    tell(f"this is {kind}; it is shown for the only time")


def _shown(key: "Key", now: str) -> dict[str, object]:
    return {
        "id": key.shown,
        "name": key.name,
        "owner": key.owner,
        "owner_name": key.owner_name,
        "contact": key.contact,
        "admin": key.admin,
        "scopes": list(key.scopes),
        "projects": None if key.projects is None else list(key.projects),
        "state": _state(key, now),
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "last_used": key.last_used,
    }


def _words(key: "Key", now: str) -> list[str]:
    may = ["server", *key.scopes] if key.admin else list(key.scopes)
    used = "never" if key.last_used is None else moment(key.last_used)
    state = _state(key, now)
    return [
        key.shown, key.name, key.owner_name, ",".join(may), state, moment(key.created), used
    ]  # fmt: skip


def _state(key: "Key", now: str) -> str:
    if key.revoked is not None:
        return "revoked"
    return "good" if key.is_good(now) else "expired"


def _moment(expires: datetime | None) -> str | None:
    if expires is None:
        return None
    moment = iso(expires.replace(tzinfo=UTC))
    if moment <= iso(utc_now()):
        raise UsageError("--expires lies in the past")
    return moment
