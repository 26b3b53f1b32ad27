"""The page, the HTTP API and the calendar feed: how people and programs reach Relaybeat from a distance."""

from __future__ import annotations

import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware

from worker.runtime import Runtime
from worker.web import api, feed, pages, paper, probes, problems
from worker.web.access import Door, Keyring
from worker.web.buckets import Buckets
from worker.web.desk import Desk
from worker.web.headers import Saying
from worker.web.limits import Limiting, Limits
from worker.web.pages import calendar, sign_in
from worker.web.peer import Knowing
from worker.web.wishes import Heeding


def create_app(
    runtime: Runtime, *, token: str = "", read_token: str = "", limits: Limits | None = None
) -> Starlette:
    """The web application. ``token`` opens everything, ``read_token`` what changes nothing."""
    desk, settings, limits = Desk(runtime), runtime.settings, limits or Limits()
    keyring = Keyring(token, read_token, time.time, Buckets(limits.tries, time.monotonic))
    return Starlette(
        routes=[
            *probes.routes(desk),
            *feed.routes(desk),
            *paper.routes(),
            *sign_in.routes(keyring),
            *calendar.routes(desk),
            *api.routes(desk),
            *pages.routes(desk),
        ],
        middleware=[  # the outermost first
            Middleware(Saying),
            Middleware(Heeding),
            Middleware(Knowing, proxies=settings.web_proxies),
            Middleware(ExceptionMiddleware, handlers=problems.EXPECTED),
            Middleware(Limiting, limits=limits, stopwatch=time.monotonic),
            Middleware(Door, keyring=keyring, page_url=settings.page_url),
        ],
        exception_handlers=problems.HANDLERS,
    )
