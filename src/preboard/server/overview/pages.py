"""The pages at `/` for a browser: the door, the overview, one run."""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from preboard import __version__
from preboard.clock import utc_now
from preboard.server.auth import (
    Caller,
    ServiceDep,
    address_of,
    good_key,
    key_of_session,
    refuse_often,
)
from preboard.server.faults import TooMany
from preboard.server.overview.seeing import overview, run_page
from preboard.server.service import Service
from preboard.server.sessions import COOKIE, LASTS_S

if TYPE_CHECKING:
    from preboard.catalog.service.keys import Key

router = APIRouter(include_in_schema=False)

POLICY = (
    "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_LONGEST_KEY = 200
_LONGEST_NAME = 200
_pages = Environment(
    loader=PackageLoader("preboard.server.overview"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def wants_page(request: Request) -> bool:
    """Say whether a browser asks: clients of the API want JSON, or take anything."""
    return "text/html" in request.headers.get("accept", "").lower()


def first_page(request: Request, service: Service) -> Response:
    """Return the overview, or the door to it."""
    key = key_of_session(service, request)
    if key is None:
        return _page("door.html", wrong=None)
    only = request.query_params.get("project")
    if only is not None and (len(only) > _LONGEST_NAME or not only):
        only = None
    return _page("overview.html", key=key, seen=overview(service, key, only))


@router.post("/login")
def login(
    request: Request, service: ServiceDep, key: Annotated[str, Form(max_length=_LONGEST_KEY)] = ""
) -> Response:
    """Begin a session with a key."""
    if not _from_here(request):
        return _page("door.html", 403, wrong="This form was sent by another page.")
    address = address_of(request)
    found = good_key(service, key.strip())
    if found is None:
        try:
            refuse_often(service, request)
        except TooMany as error:
            wrong = f"Too many tries: wait {error.retry_after_s} s."
            return _page("door.html", error.status, wrong=wrong)
        return _page("door.html", 403, wrong="This is no key, or no longer.")
    service.keys.note_used(found)
    service.audit.add(Caller(found, address).deed("session.begin"))
    answer = _to_first_page()
    answer.set_cookie(
        COOKIE,
        service.sessions.cookie_for(found, utc_now()),
        max_age=LASTS_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def logout(request: Request, service: ServiceDep) -> Response:
    """End the session of this browser, also for whoever has its cookie."""
    answer = _to_first_page()
    if not _from_here(request):
        return answer
    cookie = request.cookies.get(COOKIE, "")
    key = service.sessions.end(cookie, service.keys, utc_now())
    if key is not None:
        service.audit.add(Caller(key, address_of(request)).deed("session.end"))
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


@router.get("/overview/runs/{job}")
def run(request: Request, service: ServiceDep, job: str) -> Response:
    """Show a run."""
    key = key_of_session(service, request)
    if key is None:
        return _page("door.html", 401, wrong=None)
    found = run_page(service, key, job)
    if found is None:
        return _page("missing.html", 404, key=key)
    return _page("run.html", key=key, seen=found)


@router.get("/overview.css")
def style() -> Response:
    """Return how the pages look."""
    return _part("overview.css", "text/css")


@router.get("/overview.svg")
def icon() -> Response:
    """Return the sign on the tab of a browser."""
    return _part("overview.svg", "image/svg+xml")


def _part(name: str, media_type: str) -> Response:
    text = _pages.get_template(name).render()
    return Response(text, media_type=media_type, headers={"Cache-Control": "max-age=3600"})


def _page(name: str, status: int = 200, **shown: Any) -> HTMLResponse:
    key: Key | None = shown.pop("key", None)
    text = _pages.get_template(name).render(
        version=__version__, key_name=None if key is None else key.name or key.shown, **shown
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "same-origin",  # with less, a form of ours has no origin
        "Vary": "Accept, Cookie",
    }
    if status == 401:  # noqa: PLR2004 - the one that needs more
        headers["WWW-Authenticate"] = "Bearer"
    return HTMLResponse(text, status, headers)


def _to_first_page() -> RedirectResponse:
    return RedirectResponse("/", status_code=303)


def _from_here(request: Request) -> bool:
    """Say whether a form was sent by a page of ours, as far as the browser tells.

    The origin is `null` where a page keeps its address to itself: what the browser says of both
    sites goes before it.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
