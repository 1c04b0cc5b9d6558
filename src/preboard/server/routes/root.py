"""`GET /`: what the server is, for clients that ask for its versions and take it as a ping."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from preboard import __version__
from preboard.clock import iso
from preboard.server import openapi
from preboard.server.auth import ServiceDep, authenticate
from preboard.server.overview import pages

router = APIRouter(tags=["operation"])


class About(BaseModel):
    """What a server is; of the machine that it runs on nothing is told."""

    name: str = Field(examples=["Preboard"])
    version: str = Field(examples=["0.1.0"])
    started: str = Field(examples=["2026-11-21T07:03:14.266583+00:00"])
    cwd: str = Field(examples=[""])
    config: str = Field(examples=["default location"])
    keyfile: str = Field(examples=["default location"])
    api_versions: list[str] = Field(examples=[["v1", "v2"]])


class AboutAnswer(BaseModel):
    """The answer at the root."""

    message: About


@router.head("/", include_in_schema=False, response_model=AboutAnswer)
@router.get(
    "/",
    operation_id="about",
    summary="What the server is",
    response_model=AboutAnswer,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def about(request: Request, service: ServiceDep) -> AboutAnswer | Response:
    """Tell name, version and the versions of the API; no key is needed.

    A browser, which asks for `text/html`, gets a page of what arrived and what came of it.
    """
    if pages.wants_page(request):
        return pages.first_page(request, service)
    versions = sorted(service.settings.enabled_versions)
    return AboutAnswer(
        message=About(
            name="Preboard",
            version=__version__,
            started=iso(service.started),
            cwd="",
            config="default location",
            keyfile="default location",
            api_versions=list(versions),
        )
    )


def reader(request: Request, service: ServiceDep) -> None:
    """Let the documents be read by all, or by whoever has a key."""
    if not service.settings.public_docs:
        authenticate(service, request)


@router.head("/openapi.json", include_in_schema=False, dependencies=[Depends(reader)])
@router.get("/openapi.json", include_in_schema=False, dependencies=[Depends(reader)])
def document(request: Request) -> JSONResponse:
    """Give the OpenAPI document."""
    return JSONResponse(openapi.describe(request.app))


@router.head("/redoc", include_in_schema=False, dependencies=[Depends(reader)])
@router.get("/redoc", include_in_schema=False, dependencies=[Depends(reader)])
@router.head("/docs", include_in_schema=False, dependencies=[Depends(reader)])
@router.get("/docs", include_in_schema=False, dependencies=[Depends(reader)])
def docs(request: Request) -> HTMLResponse:
    """Show the OpenAPI document as a page; it has two addresses, as at the reference."""
    shown = openapi.page(openapi.describe(request.app))
    return HTMLResponse(shown, headers={"Content-Security-Policy": openapi.PAGE_POLICY})
