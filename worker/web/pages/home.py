"""The first page: what wants somebody, what comes next, and the picture."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from worker.errors import LedgerUnavailable
from worker.ledger.records import WindowRecord
from worker.reports import described
from worker.views import local_end, local_start
from worker.web.desk import Choice, Desk

DAY = 86_400
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Relaybeat</title>
<h1>Relaybeat</h1><p>{said}</p>
<table><tr><th>starts<th>ends<th>zone<th>event<th>state</tr>{rows}</table>
"""


def routes(desk: Desk) -> list[Route]:
    """``/``."""

    def page(_: Request) -> Response:
        try:
            now = desk.now()
            shown = desk.windows(Choice(since=now, until=now + 8 * DAY), now)
        except LedgerUnavailable as error:
            return HTMLResponse(_PAGE.format(said=escape(str(error)), rows=""), status_code=503)
        rows = "".join(_row(each.record, now) for each in shown[:50])
        return HTMLResponse(_PAGE.format(said="The next windows:", rows=rows))

    return [Route("/", page)]


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
