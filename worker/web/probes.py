"""What other programs ask: whether the process lives, and figures for Prometheus."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from worker.errors import LedgerUnavailable
from worker.metrics import CONTENT_TYPE, metrics
from worker.web.desk import Desk


def routes(desk: Desk) -> list[Route]:
    """``/healthz`` and ``/metrics``."""

    def figures(_: Request) -> Response:
        try:
            told = metrics(desk.ledger, desk.runtime.quota, desk.now())
        except LedgerUnavailable as error:
            return PlainTextResponse(f"{error}\n", status_code=503)
        return Response(told, media_type=CONTENT_TYPE)

    return [Route("/metrics", figures), Route("/healthz", lambda _: PlainTextResponse("ok\n"))]
