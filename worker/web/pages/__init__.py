"""The pages, for people."""

from __future__ import annotations

from starlette.routing import Route

from worker.web.desk import Desk
from worker.web.pages import draft, home


def routes(desk: Desk) -> list[Route]:
    """Every page."""
    return [*home.routes(desk), *draft.routes(desk)]
