"""`/v2/admin/keys`: keys made, listed, rotated, changed and revoked."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from preboard.catalog.service.keys import Key, NewKey, Scope
from preboard.clock import iso, utc_now
from preboard.server.auth import (
    KEY_IF_ANY,
    AdminDep,
    Caller,
    CallerDep,
    ServiceDep,
    address_of,
    authenticate,
    key_in,
    refuse_often,
)
from preboard.server.faults import Forbidden, KeyMissing
from preboard.server.idempotency import ONCE
from preboard.server.pagination import CursorQuery, LimitQuery, Total, cursor_of, key_of
from preboard.server.service import Service
from preboard.server.services import keys as service_keys
from preboard.server.services.keys import MOST_GRACE, AskedKey, Stranger
from preboard.server.shapes import moment

router = APIRouter(tags=["v2:admin"])

NoControls = r"^[^\x00-\x1f\x7f]*$"
ShortText = Annotated[
    str, StringConstraints(max_length=200, pattern=NoControls, strip_whitespace=True)
]
Filled = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=NoControls, strip_whitespace=True),
]
KeyId = Annotated[
    str,
    Path(
        max_length=64,
        pattern=r"^(pb_)?[a-z0-9]{8}$",
        description="The part of a key that is no secret.",
        examples=["pb_k3f09aqx"],
    ),
]
BootstrapToken = Annotated[
    str | None,
    Header(description="The token printed at the start, for the first key from elsewhere."),
]
# A page of anywhere that is open in a browser on the machine is not on the machine either.
_FORWARDING = (
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via", "origin",
    "sec-fetch-site",
)  # fmt: skip


class KeyWish(BaseModel):
    """A key that is wanted."""

    key_name: Filled = Field(examples=["loader"])
    key_owner_name: Filled = Field(examples=["Acme operations"])
    key_owner_contact: ShortText = Field(examples=["ops@acme.example"])


class KeyWishV2(KeyWish):
    """A key that is wanted, with what it is limited to."""

    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)] | None = Field(
        default=None, description="All that the asking key has, if left out."
    )
    projects: Annotated[list[str], Field(max_length=100)] | None = Field(
        default=None, description="Names of projects that it is limited to."
    )
    expires: AwareDatetime | None = Field(default=None, examples=["2030-01-01T00:00:00Z"])
    same_owner: bool = Field(
        default=False,
        description="Whether it works on the projects of the asking key; one that is no admin key "
        "makes no others.",
    )


class KeyMade(BaseModel):
    """A new key: the only time that it is shown."""

    api_key: str = Field(examples=["pb_k3f09aqxZ3Vn...43 characters"])


class KeyMadeV2(KeyMade):
    """A new key, or one with a new secret: the only time that it is shown."""

    id: str = Field(examples=["pb_k3f09aqx"])
    admin: bool
    old_valid_until: str | None = Field(
        default=None, description="How long the former secret is good."
    )


class KeyInfo(BaseModel):
    """What is known of a key; never its secret."""

    id: str = Field(examples=["pb_k3f09aqx"])
    key_name: str
    key_owner_name: str
    key_owner_contact: str
    owner: str = Field(description="Keys of one owner work on the same projects.")
    admin: bool = Field(description="Whether it is an admin key of the server.")
    scopes: list[Scope]
    projects: list[str] | None = Field(description="Those it is limited to; null for all.")
    state: str = Field(description="`good`, `expired` or `revoked`.", examples=["good"])
    created: str
    expires: str | None
    revoked: str | None
    last_used: str | None


class KeyPage(BaseModel):
    """Keys in the order they were made."""

    keys: list[KeyInfo]
    total: Total
    next_cursor: str | None = None


class KeyChange(BaseModel):
    """What is to change; what is left out stays. `expires` null is for never."""

    model_config = ConfigDict(extra="forbid")

    key_name: Filled | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)] | None = None
    expires: AwareDatetime | None = None


class Rotation(BaseModel):
    """How a key is rotated."""

    grace_s: float = Field(
        default=0,
        ge=0,
        le=MOST_GRACE.total_seconds(),
        description="Seconds for which the former secret is good, too.",
    )


class KeyNamed(BaseModel):
    """A key, by itself or by its id."""

    api_key: str = Field(max_length=200, examples=["pb_k3f09aqx"])


class Message(BaseModel):
    """What was done."""

    message: str = Field(examples=["Key promoted to admin status."])


@router.post(
    "/admin/keys",
    status_code=201,
    operation_id="create_key",
    summary="Make an API key",
    openapi_extra=KEY_IF_ANY,
)
def create_key(
    request: Request,
    service: ServiceDep,
    wish: KeyWishV2,
    x_bootstrap_token: BootstrapToken = None,
) -> KeyMadeV2:
    """Make an API key, which this answer shows for the only time.

    While there is none, no key is needed, and the first is an admin key: from the machine of the
    server, or with the token that it printed at its start.
    """
    made = make_key(request, service, asked_key(wish), x_bootstrap_token, "API key")
    return _made(made)


@router.get("/admin/keys", operation_id="list_keys", summary="List API keys")
def list_keys(
    caller: CallerDep, service: ServiceDep, limit: LimitQuery = 100, cursor: CursorQuery = None
) -> KeyPage:
    """List keys: all for an admin key, else those of the same owner."""
    if not caller.key.admin:
        caller.need("admin")
    after = None
    if cursor is not None:
        created, last = key_of(cursor, str, str)
        after = (str(created), str(last))
    owner = None if caller.key.admin else caller.key.owner
    found = service.keys.list(limit + 1, owner=owner, after=after)
    shown = found[:limit]
    more = cursor_of(shown[-1].created, shown[-1].id) if len(found) > limit else None
    return KeyPage(
        keys=[key_info(service, key) for key in shown],
        total=service.keys.count(owner=owner),
        next_cursor=more,
    )


@router.get("/admin/keys/{key_id}", operation_id="get_key", summary="Show an API key")
def get_key(caller: CallerDep, service: ServiceDep, key_id: KeyId) -> KeyInfo:
    """Show what is known of a key."""
    return key_info(service, service_keys.seen(service, caller, key_id))


@router.patch("/admin/keys/{key_id}", operation_id="change_key", summary="Change an API key")
def change_key(caller: CallerDep, service: ServiceDep, key_id: KeyId, wish: KeyChange) -> KeyInfo:
    """Change what a key is called, what it may do, or when it ends."""
    key = service_keys.managed(service, caller, key_id)
    if wish.key_name is not None or wish.scopes is not None:
        key = service_keys.change(service, caller, key_id, name=wish.key_name, scopes=wish.scopes)
    if "expires" in wish.model_fields_set:
        key = service_keys.expire(service, caller, key_id, wish.expires)
    return key_info(service, key)


@router.delete("/admin/keys/{key_id}", operation_id="revoke_key", summary="Revoke an API key")
def revoke_key(caller: CallerDep, service: ServiceDep, key_id: KeyId) -> Message:
    """End a key at once and for good."""
    key = service_keys.revoke(service, caller, key_id)
    return Message(message=f"Key {key.shown} revoked.")


@router.post(
    "/admin/keys/{key_id}/rotate", operation_id="rotate_key", summary="Give a key a new secret"
)
def rotate_key(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    key_id: KeyId,
    wish: Rotation | None = None,
) -> KeyMadeV2:
    """Give a key another secret, which this answer shows for the only time."""
    setattr(request.state, ONCE, True)
    return _made(service_keys.rotate(service, caller, key_id, wish.grace_s if wish else 0))


@router.post("/admin/keys/admin", operation_id="promote_key", summary="Make a key an admin key")
def promote_key(caller: AdminDep, service: ServiceDep, named: KeyNamed) -> Message:
    """Make a key an admin key of the server."""
    service_keys.promote(service, caller, service_keys.given(service, named.api_key))
    return Message(message="Key promoted to admin status.")


@router.post(
    "/admin/keys/{key_id}/demote", operation_id="demote_key", summary="Make a key a plain one"
)
def demote_key(caller: AdminDep, service: ServiceDep, key_id: KeyId) -> Message:
    """Take from a key what an admin key may; the last one stays what it is."""
    service_keys.demote(service, caller, key_id)
    return Message(message="Key is no longer an admin key.")


def make_key(
    request: Request, service: Service, asked: AskedKey, token: str | None, spelt: str
) -> NewKey:
    """Make the first key, or one by the key of a request; `spelt` is how a version says it."""
    setattr(request.state, ONCE, True)
    forwarded = any(name in request.headers for name in _FORWARDING)
    stranger = Stranger(address=address_of(request), token=token, is_forwarded=forwarded)
    try:
        made = service_keys.create_first(service, stranger, asked)
    except Forbidden:
        refuse_often(service, request)
        raise
    if made is not None:
        return made
    return service_keys.create(service, _maker(request, service, spelt), asked)


def asked_key(wish: KeyWish) -> AskedKey:
    """Return what a body asks for."""
    asked = AskedKey(
        name=wish.key_name, owner_name=wish.key_owner_name, contact=wish.key_owner_contact
    )
    if not isinstance(wish, KeyWishV2):
        return asked
    return replace(
        asked,
        scopes=wish.scopes,
        projects=wish.projects,
        expires=wish.expires,
        same_owner=wish.same_owner,
    )


def key_info(service: Service, key: Key) -> KeyInfo:
    """Return what is told of a key."""
    state = "good" if key.is_good(iso(utc_now())) else "expired"
    return KeyInfo(
        id=key.shown,
        key_name=key.name,
        key_owner_name=key.owner_name,
        key_owner_contact=key.contact,
        owner=key.owner,
        admin=key.admin,
        scopes=list(key.scopes),
        projects=service_keys.project_names(service, key),
        state=state if key.revoked is None else "revoked",
        created=moment(key.created) or "",
        expires=moment(key.expires),
        revoked=moment(key.revoked),
        last_used=moment(key.last_used),
    )


def _maker(request: Request, service: Service, spelt: str) -> Caller:
    if key_in(request) is None:
        refuse_often(service, request)
        raise KeyMissing(f"An {spelt} is required to create new keys when keys already exist.")
    try:
        return authenticate(service, request)
    except Forbidden as error:
        raise Forbidden("Invalid API key", hint=error.hint) from error


def _made(made: NewKey) -> KeyMadeV2:
    return KeyMadeV2(
        api_key=made.text,
        id=made.key.shown,
        admin=made.key.admin,
        old_valid_until=moment(made.key.old_until),
    )
