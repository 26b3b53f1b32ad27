"""What other programs ask: whether the process lives, whether tonight can be trusted to it, and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from worker.conditions import Kind
from worker.errors import LedgerUnavailable
from worker.health import patience, signs
from worker.metrics import CONTENT_TYPE, metrics
from worker.web.desk import Desk

_REFUSING: Final = frozenset({Kind.PROVIDER_UNREACHABLE, Kind.CREDENTIALS_REFUSED, Kind.BILLING})
Checks = dict[str, Mapping[str, Any]]


def routes(desk: Desk) -> list[Route]:
    """``/healthz``, ``/readyz`` and ``/metrics``."""

    def figures(_: Request) -> Response:
        told = metrics(desk.ledger, desk.runtime.quota, desk.now())
        return Response(told, media_type=CONTENT_TYPE)

    def ready(request: Request) -> Response:
        checks = look(desk)
        well = all(each["ok"] is not False for each in checks.values())
        told: dict[str, Any] = {"ready": well}
        if request.state.caller.may("read"):
            told["checks"] = checks
        return JSONResponse(told, 200 if well else 503)

    return [
        Route("/metrics", figures),
        Route("/readyz", ready),
        Route("/healthz", lambda _: PlainTextResponse("ok\n")),
    ]


def look(desk: Desk) -> Checks:
    """Each check with ``ok`` (null: nobody knows) and why; from the ledger alone, no provider is called."""
    try:
        return {"redis": {"ok": True}, **dict(_signs(desk)), "provider": _provider(desk)}
    except LedgerUnavailable as error:
        return {"redis": {"ok": False, "why": str(error)}}


def _signs(desk: Desk) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Whether beat and worker made progress lately, and when: ``age`` in seconds, null if never."""
    within = patience(desk.runtime.settings)
    found = signs(desk.ledger)
    for role in ("beat", "worker"):
        age = min((sign.age for sign in found if sign.role == role), default=None)
        yield role, {"ok": age is not None and age <= within, "age": age and round(age, 1)}


def _provider(desk: Desk) -> Mapping[str, Any]:
    """What the watch knows of it. Without a watch that is nothing, whatever was known once."""
    if "watch" in desk.pulse().missing:
        return {"ok": None, "why": "no watch looks"}
    kinds = {each.condition.kind for each in desk.ledger.alerts.standing() if not each.going}
    refusing = sorted(kinds & _REFUSING)
    return {"ok": not refusing, "why": ", ".join(refusing)}
