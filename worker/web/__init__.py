"""The page, as far as it has come: what is planned, in order, and whether the process lives."""

from __future__ import annotations

import hmac
from html import escape

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from worker.errors import LedgerUnavailable
from worker.ledger.records import WindowRecord
from worker.metrics import CONTENT_TYPE, metrics
from worker.reports import described
from worker.runtime import Runtime
from worker.views import local_end, local_start

DAY = 86_400
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Relaybeat</title><meta http-equiv="refresh" content="5">
<style>
  body {{ font: 15px/1.5 system-ui; margin: 2em }}
  td, th {{ text-align: left; padding-right: 2em }}
</style>
<h1>Relaybeat</h1><p>{said}</p>
<table><tr><th>starts<th>ends<th>zone<th>event<th>state</tr>{rows}</table>
"""


def create_app(runtime: Runtime, *, token: str = "") -> Starlette:
    """The web application. With a token, everything but ``/healthz`` asks for it."""

    def page(_: Request) -> Response:
        try:
            now = runtime.ledger.now()
            records = _coming(runtime, now)
        except LedgerUnavailable as error:
            return HTMLResponse(_PAGE.format(said=escape(str(error)), rows=""), status_code=503)
        return HTMLResponse(
            _PAGE.format(said="The next windows:", rows="".join(_row(r, now) for r in records))
        )

    def figures(_: Request) -> Response:
        try:
            told = metrics(runtime.ledger, runtime.quota, runtime.ledger.now())
        except LedgerUnavailable as error:
            return PlainTextResponse(f"{error}\n", status_code=503)
        return Response(told, media_type=CONTENT_TYPE)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/metrics", figures),
            Route("/healthz", lambda _: PlainTextResponse("ok\n")),
        ],
        middleware=[Middleware(_Guarded, token=token)] if token else [],
    )


class _Guarded(BaseHTTPMiddleware):
    def __init__(self, app: ASGIApp, token: str) -> None:
        super().__init__(app)
        self._wanted = f"Bearer {token}".encode()

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        given = request.headers.get("authorization", "").encode()
        if request.url.path == "/healthz" or hmac.compare_digest(given, self._wanted):
            return await call_next(request)
        return PlainTextResponse("the token is missing or wrong\n", 401, {"WWW-Authenticate": "Bearer"})


def _coming(runtime: Runtime, now: float) -> list[WindowRecord]:
    ledger = runtime.ledger
    ids = [record.event.id for record in ledger.plans.events()]
    found = ledger.reading.windows(ids, now - DAY, now + 8 * DAY)
    coming = [record for record in found if record.window.end > now]
    return sorted(coming, key=lambda record: record.window.start)[:50]


def _row(record: WindowRecord, now: float) -> str:
    window = record.window
    cells = (
        local_start(window.timezone, window.start),
        local_end(window.timezone, window.start, window.end),
        window.timezone,
        window.title,
        described(record, now),
    )
    return "<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in cells) + "</tr>"
