"""The HTTP API: what automation relies on, under ``/api/v1``. ``docs/api.md`` is its manual.

It speaks the names of the command line's JSON, and has every verb of it that people need from a distance.
"""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount

from worker import __version__
from worker.web import problems
from worker.web.api import document, drafts, reading, saying
from worker.web.api.telling import Heading, content_of, told
from worker.web.desk import Desk

BASE = "/api/v1"


def routes(desk: Desk) -> list[Mount]:
    """``/api/v1/…``."""
    return [Mount(BASE, app=create(desk))]


def create(desk: Desk) -> FastAPI:
    """The application below ``/api/v1``."""
    made = FastAPI(
        title="Relaybeat",
        version=__version__,
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers=problems.HANDLERS,
        middleware=[Middleware(Heading)],
    )
    for room in (reading, saying, drafts):
        made.include_router(room.router(desk))
    content = cache(lambda: content_of(document.document(made, BASE)))

    @made.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> Response:
        return told(request, content())

    return made
