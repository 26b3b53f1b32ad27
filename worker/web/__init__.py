"""The page, the HTTP API and the calendar feed: how people and programs reach Relaybeat from a distance."""

from __future__ import annotations

import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware

from worker.runtime import Runtime
from worker.web import pages, probes
from worker.web.access import Door, Keyring
from worker.web.desk import Desk


def create_app(runtime: Runtime, *, token: str = "", read_token: str = "") -> Starlette:
    """The web application. ``token`` opens everything, ``read_token`` what changes nothing."""
    desk = Desk(runtime)
    keyring = Keyring(token, read_token, time.time)
    return Starlette(
        routes=[*probes.routes(desk), *pages.routes(desk)],
        middleware=[
            Middleware(ExceptionMiddleware),
            Middleware(Door, keyring=keyring, page_url=runtime.settings.page_url),
        ],
    )
