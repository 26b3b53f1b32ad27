"""``/calendar``: subscribing to what is planned, and who does."""

from __future__ import annotations

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from worker.ledger.feeds import Feed
from worker.views import local_iso
from worker.web import access
from worker.web.desk import Desk
from worker.web.paper import rendered

_SEE_OTHER: Final = 303


def routes(desk: Desk) -> list[Route]:
    """``/calendar``, and what closes an address."""

    def show(request: Request) -> Response:
        return _page(desk, request)

    async def make(request: Request) -> Response:
        caller = access.need(request, "operate")
        fields = await access.form(request)
        name = access.named(str(fields.get("name", "")))
        event = str(fields.get("event", ""))
        return await run_in_threadpool(_make, desk, request, name or caller.name, event)

    async def revoke(request: Request) -> Response:
        access.need(request, "operate")
        await access.form(request)
        await run_in_threadpool(desk.ledger.feeds.revoke, request.path_params["id"])
        return RedirectResponse("/calendar", _SEE_OTHER)

    return [
        Route("/calendar", show),
        Route("/calendar", make, methods=["POST"]),
        Route("/calendar/{id}/revoke", revoke, methods=["POST"]),
    ]


def _make(desk: Desk, request: Request, name: str, event: str) -> Response:
    if event:
        desk.ledger.plans.event(event)
    by = request.state.caller.name
    key = desk.ledger.feeds.make(Feed(name=name, event=event, by=by, at=desk.now()))
    return _page(desk, request, made=f"{_root(desk, request)}/calendar/{key}.ics")


def _page(desk: Desk, request: Request, made: str = "") -> Response:
    """Made is shown once, in answer to who made it: it is kept nowhere."""
    facts: dict[str, Any] = {
        "made": made,
        "wanted": request.query_params.get("event", ""),
        "webcal": f"webcal:{made.partition(':')[2]}" if made else "",
        "feeds": [(feed, local_iso("UTC", int(feed.at))) for feed in desk.ledger.feeds.all()],
        "events": sorted((r.event.id, r.event.title) for r in desk.ledger.plans.events()),
        "may": request.state.caller.may("operate"),
    }
    return rendered(request, "calendar.html", facts)


def _root(desk: Desk, request: Request) -> str:
    """The address of the page, as this person reached it."""
    if request.state.peer.here:
        return f"http://{request.headers['host']}"
    scheme = "https" if request.state.peer.secure else "http"
    return desk.runtime.settings.page_url.rstrip("/") or f"{scheme}://{request.headers['host']}"
