"""What people and programs say through the API: the verbs of the command line, of windows and of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response

from worker.errors import Changed
from worker.ledger.records import WindowRecord
from worker.sense import Speaker
from worker.verbs import Said, Verbs
from worker.web import access
from worker.web.access import Denied
from worker.web.answers import expected
from worker.web.api import models
from worker.web.api.asking import (
    Added,
    EventId,
    Forcing,
    Longer,
    Other,
    Reasoned,
    Speech,
    WindowId,
    written_headers,
)
from worker.web.api.entities import the_event, the_window
from worker.web.api.telling import content_of, done
from worker.web.desk import Desk

Verb = Callable[[str, Speaker], Said]
MaybeSpeech = Annotated[Speech | None, Body()]


def router(desk: Desk) -> APIRouter:
    """All of it."""
    made = APIRouter(dependencies=[Depends(written_headers)])
    made.include_router(_of_windows(desk), prefix="/windows/{window_id}", tags=["windows"])
    made.include_router(_of_events(desk), prefix="/events/{event_id}", tags=["events"])
    return made


def _of_windows(desk: Desk) -> APIRouter:
    made, verbs = APIRouter(), desk.verbs
    answer = models.SaidOfWindow

    @made.post("/retry", summary="Try a window again", response_model=answer)
    def retry(request: Request, window_id: WindowId, word: MaybeSpeech = None) -> Response:
        """Tries it now, and with all its tries; or takes back that somebody called it off, or stopped it."""
        return _of_window(desk, request, window_id, word, verbs.retry)

    @made.post("/cancel", summary="Call a window off", response_model=answer)
    def cancel(request: Request, window_id: WindowId, word: Forcing) -> Response:
        """Calls it off, whatever the events file says of it. What is on air is cut with `force` alone."""
        return _of_window(desk, request, window_id, word, verbs.cancel)

    @made.post("/stop", summary="End a window that is on air", response_model=answer)
    def stop(request: Request, window_id: WindowId, word: Reasoned) -> Response:
        """Ends it now. `retry` puts it back on air."""
        return _of_window(desk, request, window_id, word, verbs.stop)

    @made.post("/extend", summary="Let a window end later", response_model=answer)
    def extend(request: Request, window_id: WindowId, word: Longer) -> Response:
        """Lets it end so much later than the events file says. An end that is later already stays."""
        verb = partial(verbs.extend, seconds=word.duration)
        return _of_window(desk, request, window_id, word, verb)

    @made.post("/override", summary="Give a window other times or sources", response_model=answer)
    def override(request: Request, window_id: WindowId, word: Other) -> Response:
        """Gives it another start, end, source or stream, whatever the events file says of it.

        What is not given stays as it is. A time of day is of the date for which the window was planned, and
        `25:30` is 01:30 the day after; without an offset times are of the event's own clock.
        """
        return _of_window(desk, request, window_id, word, partial(_override, verbs, word))

    @made.post("/clear", summary="Take overrides back", response_model=answer)
    def clear(request: Request, window_id: WindowId, word: Forcing) -> Response:
        """Takes back what was overridden: it is as in the events file again."""
        return _of_window(desk, request, window_id, word, verbs.clear)

    return made


def _of_events(desk: Desk) -> APIRouter:
    made, verbs = APIRouter(), desk.verbs

    @made.post("/pause", summary="Pause an event", response_model=models.SaidOfEvent)
    def pause(request: Request, event_id: EventId, word: Forcing) -> Response:
        """Calls off all its windows to come, until it is resumed; with `force` also what is on air."""
        return _of_event(desk, request, event_id, word, verbs.pause)

    @made.post("/resume", summary="Resume an event", response_model=models.SaidOfEvent)
    def resume(request: Request, event_id: EventId, word: MaybeSpeech = None) -> Response:
        """Brings the windows back that `pause` called off, as far as they are still to come."""
        return _of_event(desk, request, event_id, word, verbs.resume)

    @made.post("/add", summary="Add a special to an event", response_model=models.SaidOfWindow)
    def add(request: Request, event_id: EventId, word: Added) -> Response:
        """Puts one window beside its times, as `extra` in its file does; the answer tells of that window."""
        return _of_event(desk, request, event_id, word, partial(_add, verbs, word))

    return made


def _override(verbs: Verbs, word: Other, window_id: str, speaker: Speaker) -> Said:
    wish = verbs.wish(window_id, start=word.start, end=word.end, sources=word.source, stream=word.stream)
    return verbs.override(window_id, speaker, wish)


def _add(verbs: Verbs, word: Added, event_id: str, speaker: Speaker) -> Said:
    length = word.end or word.duration or 0
    special = verbs.special(event_id, word.start, length, sources=word.source, stream=word.stream)
    return verbs.add(event_id, speaker, special)


def _of_window(desk: Desk, request: Request, window_id: str, word: Speech | None, verb: Verb) -> Response:
    speaker = _speaker(request, word, _seen(desk, request, window_id))
    try:
        return _said(request, desk, verb(window_id, speaker))
    except Changed:
        raise _moved(window_id) from None


def _of_event(desk: Desk, request: Request, event_id: str, word: Speech | None, verb: Verb) -> Response:
    if not expected(request, content_of(the_event(desk, event_id))):
        raise _moved(event_id)
    return _said(request, desk, verb(event_id, _speaker(request, word, None)))


def _speaker(request: Request, word: Speech | None, seen: WindowRecord | None) -> Speaker:
    caller = access.need(request, "operate")
    if word is None:
        return Speaker(caller.name, seen=seen)
    force = isinstance(word, Forcing) and word.force
    return Speaker(word.by or caller.name, word.reason or "", force, seen)


def _seen(desk: Desk, request: Request, window_id: str) -> WindowRecord | None:
    """The window, if it is as whoever asks says that they saw it, and they do say so."""
    if "if-match" not in request.headers:
        return None
    record = desk.verbs.record(window_id)
    if not expected(request, content_of(the_window(desk, window_id, record))):
        raise _moved(window_id)
    return record


def _said(request: Request, desk: Desk, said: Said) -> Response:
    what = (
        {"window": the_window(desk, said.about)}
        if "@" in said.about
        else {"event": the_event(desk, said.about)}
    )
    return done(request, {"said": asdict(said), **what})


def _moved(about: str) -> Denied:
    told = f"{about} is not as it was when you looked"
    return Denied(412, Changed.code, told, hint="look again; if it is still meant, say it with the new ETag")
