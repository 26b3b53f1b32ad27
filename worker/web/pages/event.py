"""One event: its rule, what comes of it, what people said of it, and what they may say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from worker.drafts.standing import in_words
from worker.durations import format_duration
from worker.entries import text
from worker.errors import Refused
from worker.events.model import Event
from worker.recurrence import zone
from worker.redact import mask_source
from worker.sense import Speaker
from worker.specials import Special
from worker.verbs import Said
from worker.views import local_start
from worker.web import access
from worker.web.ahead import look_ahead
from worker.web.catalogue import catalogue
from worker.web.desk import Choice, Desk
from worker.web.month import today
from worker.web.pages.events import row
from worker.web.paper import rendered
from worker.web.told import told
from worker.web.typed import instant, reason, seconds, word

_AHEAD: Final = 400 * 86_400
"""Seconds: how far ahead windows are looked for; hardly anything recurs more rarely than once a year."""
_MOST: Final = 12
"""Windows, and written changes, that are listed."""
_VERBS: Final = ("pause", "resume", "add")


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody typed: ``start`` on the event's clock, ``sources`` separated by white space."""

    verb: str = ""
    reason: str = ""
    force: bool = False
    start: str = ""
    duration: str = ""
    stream: str = ""
    sources: str = field(default="", repr=False)


def routes(desk: Desk) -> list[Route]:
    """``/events/{id}``, and what can be said of it."""

    def page(request: Request) -> Response:
        return _shown(desk, request, Form())

    async def said(request: Request) -> Response:
        access.need(request, "operate")
        return await run_in_threadpool(_say, desk, request, _form(request, await access.form(request)))

    spoken = [Route(f"/events/{{event}}/{verb}", said, methods=["POST"], name=verb) for verb in _VERBS]
    return [Route("/events/{event}", page), *spoken]


def _say(desk: Desk, request: Request, form: Form) -> Response:
    """Does as the form says and leads to what came of it; or shows the form again, with what is wrong."""
    event_id = request.path_params["event"]
    speaker = Speaker(request.state.caller.name, form.reason, form.force)
    try:
        came = _did(desk, event_id, form, speaker)
    except Refused as error:
        return _shown(desk, request, form, error)
    return RedirectResponse(f"/windows/{came.about}" if form.verb == "add" else f"/events/{event_id}", 303)


def _did(desk: Desk, event_id: str, form: Form, speaker: Speaker) -> Said:
    if not form.reason and form.verb != "resume":
        raise Refused("a reason is missing", hint="say why: it is kept with what you did")
    if form.verb == "pause":
        return desk.verbs.pause(event_id, speaker)
    if form.verb == "resume":
        return desk.verbs.resume(event_id, speaker)
    return desk.verbs.add(event_id, speaker, _special(form, desk.verbs.zone(event_id)))


def _special(form: Form, zone_key: str) -> Special:
    start, length = instant(form.start, zone_key), seconds(form.duration)
    return Special(start, length, tuple(form.sources.split()), form.stream)


def _form(request: Request, given: FormData) -> Form:
    return Form(
        verb=request.url.path.rpartition("/")[2],
        reason=reason(given),
        force=bool(word(given, "force")),
        start=word(given, "start"),
        duration=word(given, "duration"),
        stream=word(given, "stream"),
        sources=word(given, "sources"),
    )


def _shown(desk: Desk, request: Request, form: Form, refusal: Refused | None = None) -> Response:
    now = desk.now()
    record = desk.ledger.plans.event(request.path_params["event"])
    event = record.event
    (each,) = catalogue(desk, [record], now)
    found = look_ahead(desk, Choice(since=now, until=now + _AHEAD, event=event.id), now, most=_MOST)
    facts = {
        "event": event,
        "record": record,
        "row": row(each, now),
        "pause": each.programme.pause,
        "paused_at": each.programme.pause and local_start(event.timezone, int(each.programme.pause.at)),
        "sources": list(map(mask_source, event.sources)),
        "calendars": {
            "skip": [days.name for days in event.skip],
            "also": [days.name for days in event.also],
        },
        "lead": format_duration(event.lead),
        "pads": (format_duration(event.pad_before), format_duration(event.pad_after)),
        "coming": [told(s.record, event.timezone, now) for s in found.shown],
        "written": list(islice(_written(event, today(zone(event.timezone), now)), _MOST)),
        "standing": list(in_words([replace(each.programme, pause=None)])),
        "usual": format_duration(event.duration) if event.duration else "",
        "form": form,
        "refusal": refusal,
    }
    return rendered(request, "event.html", facts, 409 if refusal else 200)


def _written(event: Event, since: date) -> Iterator[Mapping[str, Any]]:
    """The changes in the file that are still to come, as the file writes them, sources masked."""
    for change in event.exceptions:
        if change.on.date >= since:
            yield {"key": "exceptions", "text": text(change, show_secrets=False)}
    for extra in event.extra:
        if extra.start.date() >= since:
            yield {"key": "extra", "text": text(extra, show_secrets=False)}
