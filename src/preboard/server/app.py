"""The application: all routes over one service, in the layers that every request goes through."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI

from preboard import __version__
from preboard.server import openapi, problems
from preboard.server.bodies import BodyLimit
from preboard.server.frame import V2_PREFIX, Frame
from preboard.server.idempotency import Idempotency
from preboard.server.metrics import Measured
from preboard.server.overview import pages
from preboard.server.routes import (
    admin,
    archive,
    files,
    finding,
    hooks,
    keys,
    operation,
    projects,
    registrations,
    root,
    runs,
    schedules,
    uploads,
    validations,
)
from preboard.server.v1 import admin as v1_admin
from preboard.server.v1 import csvpath as v1_csvpath
from preboard.server.v1 import find as v1_find
from preboard.server.v1 import projects as v1_projects

if TYPE_CHECKING:
    from fastapi import APIRouter

    from preboard.server.service import Service

ALWAYS = (root.router, operation.router, pages.router)
"""What stands beside both versions."""
V1: tuple[APIRouter, ...] = (
    v1_csvpath.router,  # what is asked for most is looked for first
    v1_find.router,
    v1_projects.router,
    v1_admin.router,
)
V2: tuple[APIRouter, ...] = (
    keys.router,
    admin.router,
    projects.router,
    files.router,
    finding.router,
    registrations.router,
    uploads.router,
    validations.router,
    runs.router,
    archive.router,
    schedules.router,
    hooks.router,
)
"""The routers of each version; those of /v2 have paths without the prefix."""


def create_app(service: Service) -> FastAPI:
    """Return the application over a service; it is the caller's to close."""
    settings = service.settings
    app = FastAPI(
        title=openapi.TITLE,
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # Senders that name no type mean JSON. The check is there against pages of elsewhere, whose
        # requests without a type a browser sends unasked; here these have no key: it comes in
        # headers that need the asking, a session of the overview only reads, and the first key is
        # not made for a request that says which page it is from.
        strict_content_type=False,
    )
    app.state.service = service
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign] # the way to do it
    for router in ALWAYS:
        app.include_router(router)
    asked = problems.answers(400, 401, 403, 404, 408, 409, 413, 422, 429, 503)
    if "v1" in settings.enabled_versions:
        for router in V1:
            app.include_router(
                router,
                tags=[openapi.V1_TAG],
                include_in_schema=settings.deprecated_docs,
                deprecated=True,
                responses=asked,
            )
    if "v2" in settings.enabled_versions:
        for router in V2:
            app.include_router(router, prefix=V2_PREFIX, responses=asked)
    problems.answer_problems(app, str(settings.home))
    # The last one is the outermost.
    app.add_middleware(Idempotency, service=service)
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Frame)
    app.add_middleware(Measured, metrics=service.metrics)
    return app
