"""The page, the HTTP API and the calendar feed: how people and programs reach Relaybeat from a distance."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from worker.runtime import Runtime
from worker.web import pages, probes
from worker.web.access import Guard
from worker.web.desk import Desk


def create_app(runtime: Runtime, *, token: str = "") -> Starlette:
    """The web application. With a token, everything but ``/healthz`` asks for it."""
    desk = Desk(runtime)
    return Starlette(
        routes=[*probes.routes(desk), *pages.routes(desk)],
        middleware=[Middleware(Guard, token=token)] if token else [],
    )
