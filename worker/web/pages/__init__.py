"""The pages, for people."""

from __future__ import annotations

from starlette.routing import Route

from worker.web.desk import Desk
from worker.web.pages import draft, event, events, home, month, sheet, wall, window


def routes(desk: Desk) -> list[Route]:
    """Every page."""
    rooms = (home, window, month, sheet, wall, events, event, draft)
    return [route for room in rooms for route in room.routes(desk)]
