"""One window: everything that is known of it, and what may be done to it. With a script it is a drawer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from worker.errors import Refused
from worker.sense import Speaker, Wish
from worker.verbs import Said
from worker.views import local_iso
from worker.web import access
from worker.web.desk import Desk
from worker.web.dossier import dossier
from worker.web.pages.asked import Asked, clock_of
from worker.web.paper import address, rendered
from worker.web.typed import instant, reason, seconds, word
from worker.web.wishes import wishes_of

VERBS: Final = ("retry", "extend", "override", "clear", "stop", "cancel")
_REASONED: Final = {"cancel", "stop", "override", "clear"}
"""Verbs that want to be told why."""
_LONGER: Final = ("15m", "30m", "1h", "2h")
_MINUTES: Final = len("2026-11-23T20:00")


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody typed: ``start`` and ``end`` on the window's own clock, ``sources`` one a line."""

    verb: str = ""
    reason: str = ""
    force: bool = False
    longer: str = ""
    start: str = ""
    end: str = ""
    stream: str = ""
    sources: str = field(default="", repr=False)


def routes(desk: Desk) -> list[Route]:
    """``/windows/{id}``, and what can be said of it."""

    def page(request: Request) -> Response:
        window_id = request.path_params["window"]
        if _wants_json(request):
            return RedirectResponse(f"/api/v1/windows/{window_id}", 307, {"Vary": "Accept"})
        asked_for = request.query_params.get("do", "")
        form = Form(verb=asked_for if asked_for in VERBS else "")
        return _shown(desk, request, form, done=request.query_params.get("done", "") in VERBS)

    async def said(request: Request) -> Response:
        access.need(request, "operate")
        form = _form(request, await access.form(request))
        return await run_in_threadpool(_say, desk, request, form)

    verbs = [Route(f"/windows/{{window}}/{verb}", said, methods=["POST"]) for verb in VERBS]
    return [Route("/windows/{window}", page), *verbs]


def _say(desk: Desk, request: Request, form: Form) -> Response:
    """Does as the form says and leads to what came of it; or shows the form again, with what is wrong."""
    window_id = request.path_params["window"]
    try:
        came = _did(desk, window_id, form, Speaker(request.state.caller.name, form.reason, form.force))
    except Refused as error:
        return _shown(desk, request, form, refusal=error)
    if not came.changed:
        return _shown(desk, request, Form(), nothing=came.did)
    return RedirectResponse(address(f"/windows/{window_id}", done=form.verb), 303)


def _did(desk: Desk, window_id: str, form: Form, speaker: Speaker) -> Said:
    verbs = desk.verbs
    if form.verb in _REASONED and not form.reason:
        raise Refused("a reason is missing", hint="say why: it is kept with what you did")
    match form.verb:
        case "extend":
            return verbs.extend(window_id, speaker, seconds(form.longer))
        case "override":
            return verbs.override(window_id, speaker, _wish(desk, window_id, form))
        case "retry":
            return verbs.retry(window_id, speaker)
        case "cancel":
            return verbs.cancel(window_id, speaker)
        case "stop":
            return verbs.stop(window_id, speaker)
        case _:
            return verbs.clear(window_id, speaker)


def _wish(desk: Desk, window_id: str, form: Form) -> Wish:
    """What differs from how it stands; a field that was left alone asks for nothing."""
    window = desk.verbs.record(window_id).window
    start, end = (instant(typed, window.timezone) if typed else None for typed in (form.start, form.end))
    wish = Wish(
        start=None if start is None or start // 60 == window.start // 60 else start,
        end=None if end is None or end // 60 == window.end // 60 else end,
        sources=tuple(form.sources.split()),
        stream="" if form.stream == window.slot.stream else form.stream,
    )
    if wish == Wish():
        raise Refused("nothing differs from how it stands", hint="give another start, end, source or stream")
    return wish


def _form(request: Request, given: FormData) -> Form:
    return Form(
        verb=request.url.path.rpartition("/")[2],
        reason=reason(given),
        force=bool(word(given, "force")),
        longer=word(given, "longer"),
        start=word(given, "start"),
        end=word(given, "end"),
        stream=word(given, "stream"),
        sources=word(given, "sources"),
    )


def _shown(
    desk: Desk,
    request: Request,
    form: Form,
    *,
    refusal: Refused | None = None,
    nothing: str = "",
    done: bool = False,
) -> Response:
    now, wishes = desk.now(), wishes_of(request)
    own = wishes.zone == "event" or (wishes.zone == "local" and not wishes.here)
    clock = "" if own else clock_of(request, Asked(), ())
    facts = dossier(desk, request.path_params["window"], clock, now)
    facts |= {
        "form": form,
        "longer": _LONGER,
        "fields": _fields(facts["window"], form),
        "refusal": refusal,
        "nothing": nothing,
        "done": done and facts["turns"],
        "may": request.state.caller.may("operate"),
    }
    return rendered(request, "window.html", facts, 409 if refusal else 200)


def _fields(window: Any, form: Form) -> dict[str, str]:
    """What the form for other times holds: what was typed, else how it stands on the window's own clock."""
    if window.permanent:
        return {"start": "", "end": ""}
    stands = {
        name: local_iso(window.timezone, at)[:_MINUTES]
        for name, at in (("start", window.start), ("end", window.end))
    }
    typed = {"start": form.start, "end": form.end} if form.verb == "override" else {}
    return stands | {name: value for name, value in typed.items() if value}


def _wants_json(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    return "application/json" in accepts and "text/html" not in accepts
