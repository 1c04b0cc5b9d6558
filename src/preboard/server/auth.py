"""Who asks, and whether they may: the key of a request, its scopes, and the projects it opens.

A key comes as `access_token`, as `Authorization: Bearer`, or as `X-API-Key`, since proxies drop
names with an underscore. No answer and no log ever holds it.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from preboard.catalog.service.audit import Deed
from preboard.catalog.service.hosting import Hosted
from preboard.catalog.service.keys import Key, Scope, hash_of, parts_of
from preboard.clock import iso, utc_now
from preboard.config.names import checked_server_name
from preboard.errors import NameRefused, NotFound
from preboard.server.faults import Forbidden, KeyMissing, TooMany
from preboard.server.service import Service
from preboard.server.sessions import COOKIE

UNKNOWN_PROJECT = "Unknown project name"
_UNKNOWN_KEY = "Could not validate API key"
_NOWHERE = "unknown"
_OWNED_BITS = 64
"""Of an IPv6 address: who has one has at least those that begin alike."""
_PAGES = frozenset({"/docs", "/redoc", "/openapi.json", "/metrics"})

_ACCESS_TOKEN = APIKeyHeader(
    name="access_token", scheme_name="access_token", auto_error=False, description="An API key."
)
_X_API_KEY = APIKeyHeader(
    name="X-API-Key", scheme_name="X-API-Key", auto_error=False, description="The same."
)
_BEARER = HTTPBearer(scheme_name="bearer", auto_error=False, description="The same.")

KEY_IF_ANY: dict[str, Any] = {
    "security": [{each.scheme_name: []} for each in (_ACCESS_TOKEN, _BEARER, _X_API_KEY)] + [{}]
}
"""How a route documents that it may need a key: `caller` documents those that always do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a good key, and the address that it came from."""

    key: Key
    address: str

    @property
    def name(self) -> str:
        """Return what the audit calls them: the id of the key, and its name."""
        return f"{self.key.shown} {self.key.name}".rstrip()

    def need(self, scope: Scope) -> None:
        """See that the key has a scope.

        Raises:
            Forbidden: it does not.
        """
        if scope not in self.key.scopes:
            raise Forbidden(
                f"this API key does not have the scope {scope!r}",
                hint=f"it has {', '.join(self.key.scopes) or 'none'}",
            )

    def need_admin(self) -> None:
        """See that the key is an admin key of the server.

        Raises:
            Forbidden: it is not.
        """
        if not self.key.admin:
            raise Forbidden("Admin privileges required")

    def deed(self, action: str, **told: str | None) -> Deed:
        """Return the row of the audit for what they do now; `told` are more of its columns."""
        known: dict[str, Any] = {"outcome": "done", **told}
        return Deed(
            time=iso(utc_now()), key=self.name, address=self.address, action=action, **known
        )


async def service_of(request: Request) -> Service:
    """Return the service of the application."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]


def address_of(request: Request) -> str:
    """Return the address of the peer; what headers claim is not asked."""
    return request.client.host if request.client is not None else _NOWHERE


def refuse_often(service: Service, request: Request) -> None:
    """Count a refusal; an IPv6 address counts with its neighbours, whoever has one has many.

    Raises:
        TooMany: its address had too many.
    """
    wait_s = service.refusals.take(_neighbours(address_of(request)))
    if wait_s:
        raise TooMany("too many requests without a good API key", retry_after_s=wait_s)


def _neighbours(address: str) -> str:
    """Return what an address shares with those that its owner has, too: of IPv6 its network.

    >>> _neighbours("2001:db8::1") == _neighbours("2001:db8::ff:2"), _neighbours("192.0.2.7")
    (True, '192.0.2.7')
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    return str(ip.ipv4_mapped or ip_network((int(ip), _OWNED_BITS), strict=False))


def key_in(request: Request) -> str | None:
    """Return the key that came with a request, None if none did."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return (
        request.headers.get("access_token")
        or (token.strip() if scheme.lower() == "bearer" else None)
        or request.headers.get("x-api-key")
        or None
    )


def good_key(service: Service, text: str) -> Key | None:
    """Return the key that a text is, None if it is none, or no longer."""
    parts = parts_of(text)
    key = None if parts is None else service.keys.by_public_id(parts[0])
    if parts is None or key is None:
        hash_of(text)  # as much work as for one that is known
        return None
    now = iso(utc_now())
    return key if key.opens_with(parts[1], now) and key.is_good(now) else None


def key_of_session(service: Service, request: Request) -> Key | None:
    """Return the key whose session a browser has, None if it has none."""
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return None
    now = utc_now()
    key = service.sessions.key_of(cookie, service.keys, now)
    return key if key is not None and key.is_good(iso(now)) else None


def _only_reads(request: Request) -> bool:
    """Say whether a request changes nothing, so that a session is enough; v1 has GETs that do."""
    path = request.url.path
    is_read = path.startswith("/v2/") or path in _PAGES
    return request.method in ("GET", "HEAD") and is_read


def authenticate(service: Service, request: Request) -> Caller:
    """Return who asks.

    Raises:
        KeyMissing: there is no key.
        Forbidden: it is not known, revoked or expired.
        TooMany: the key asks too often, or the address had too many that are not good.
    """
    address = address_of(request)
    text = key_in(request)
    if text is None:
        key = key_of_session(service, request) if _only_reads(request) else None
    else:
        key = good_key(service, text)
    if key is None:
        refuse_often(service, request)
        if text is None:
            raise KeyMissing
        raise Forbidden(_UNKNOWN_KEY, hint="it is not known, revoked, or expired")
    request.state.key = key.shown
    wait_s = service.requests.take(key.id)
    if wait_s:
        raise TooMany("too many requests with this API key", retry_after_s=wait_s)
    service.keys.note_used(key)
    return Caller(key, address)


def caller(
    request: Request,
    service: ServiceDep,
    access_token: Annotated[str | None, Security(_ACCESS_TOKEN)],  # noqa: ARG001 - documented so
    bearer: Annotated[  # noqa: ARG001 - documented so
        HTTPAuthorizationCredentials | None, Security(_BEARER)
    ],
    x_api_key: Annotated[str | None, Security(_X_API_KEY)],  # noqa: ARG001 - documented so
) -> Caller:
    """Return who asks; a request without a good key goes no further."""
    return authenticate(service, request)


CallerDep = Annotated[Caller, Depends(caller)]


def admin(caller: CallerDep) -> Caller:
    """Return who asks, if it is an admin key of the server."""
    caller.need_admin()
    return caller


AdminDep = Annotated[Caller, Depends(admin)]


def hosted_of(service: Service, caller: Caller, name: str, scope: Scope) -> Hosted:
    """Return a project of the caller's owner, which its key may use in this way.

    Raises:
        NotFound: there is none of that name, or the key is limited to others.
        Forbidden: the key lacks the scope.
    """
    try:
        found = service.hosting.by_name(caller.key.owner, checked_server_name(name))
    except NameRefused:  # then there can be none
        found = None
    allowed = caller.key.projects
    if found is None or (allowed is not None and found.project not in allowed):
        raise NotFound(UNKNOWN_PROJECT, hint="the list of projects has those of this key")
    caller.need(scope)
    return found
