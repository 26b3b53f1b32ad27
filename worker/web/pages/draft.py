"""Dry planning: a file is pasted or brought, what it would do is shown, and just that may then be applied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final

import anyio
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from worker.drafts.differences import event_rows, gone, in_all, rows, when
from worker.drafts.drafting import coming
from worker.drafts.standing import count, in_words
from worker.errors import Changed, Refused
from worker.imports.draft import OPTIONS
from worker.imports.files import kind_of
from worker.ledger.revisions import Revision
from worker.views import local_iso, local_start, note_words
from worker.web import access
from worker.web.desk import Desk
from worker.web.listing import listing
from worker.web.paper import rendered
from worker.web.planning import Brought, Foretold, Leave, Planning, file_name

_DAY: Final = 86_400
DAYS: Final = (1, 2, 7, 14, 31)
_USUAL_DAYS: Final = 7
_AT_ONCE: Final = 2
"""Drafts that are worked on together; a large one takes some hundred megabytes and seconds."""
_MOST: Final = 100
"""Of everything that is told one by one."""
_MOST_WINDOWS: Final = 200
_YEARS: Final = range(2000, 2038)
_OUTCOME: Final = ("draft", "verdicts", "problems", "plan", "warnings", "standing", "lines")
"""Names that the template asks for, told or not."""
_FIGURE: Final = re.compile(r"\d{1,7}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the form says. ``upload`` is a file that was chosen; it counts before the text."""

    text: str = ""
    name: str = ""
    upload: bytes | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    year: str = ""
    prune: bool = False
    days: int = _USUAL_DAYS
    apply: bool = False
    shown: str = ""
    reason: str = ""
    most: int | None = None
    force: bool = False

    @property
    def brought(self) -> Brought:
        """What there is to read, the way the form would send it back: a text has plain ends of lines."""
        if self.upload is None:
            return Brought(content=_plain(self.text).encode("utf-8", "replace"))
        content = self.upload
        if kind_of(content, self.name) == "events":
            content = _readable(content)
        options: dict[str, Any] = dict(self.options)
        if source := options.pop("sources", ""):
            options["sources"] = source.split()
        year = int(self.year) if self.year.isdecimal() and int(self.year) in _YEARS else None
        return Brought(content=content, name=self.name, options=options, year=year)


def routes(desk: Desk) -> list[Route]:
    """``/draft``."""
    planning = Planning(desk)
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def page(request: Request) -> Response:
        sent = await _sent(request) if request.method == "POST" else Sent()
        if sent.apply:
            access.need(request, "operate")
        answer = partial(_answer, planning, request, sent)
        return await anyio.to_thread.run_sync(answer, limiter=limiter)

    return [Route("/draft", page, methods=["GET", "POST"])]


def _answer(planning: Planning, request: Request, sent: Sent) -> Response:
    if request.method != "POST":
        return _rendered(planning, request, sent, 200)
    draft = planning.read(sent.brought)
    if not draft.right:
        return _rendered(planning, request, sent, 422 if sent.apply else 200, told=Foretold(draft))
    refusal: Refused | None = None
    if sent.apply:
        leave = Leave(
            by=request.state.caller.name or "page",
            reason=sent.reason,
            shown=sent.shown,
            most=sent.most,
            force=sent.force,
        )
        try:
            number, told = planning.apply(draft, leave, prune=sent.prune, source=_source(sent.name))
        except Refused as error:
            refusal = error
        else:
            return RedirectResponse(f"/draft?revision={number or 0}", 303)
    told = planning.look(draft, prune=sent.prune)
    return _rendered(planning, request, sent, 409 if refusal else 200, told=told, refusal=refusal)


def _rendered(
    planning: Planning,
    request: Request,
    sent: Sent,
    status: int,
    *,
    told: Foretold | None = None,
    refusal: Refused | None = None,
) -> Response:
    newest = next(planning.desk.ledger.revisions.all(), None)
    done = request.query_params.get("revision", "")
    facts = {
        "sent": sent,
        "days": DAYS,
        "newest": newest,
        "newest_at": newest and local_iso("UTC", int(newest.at)),
        "newest_when": newest and local_start("UTC", int(newest.at)),
        "done": _done(planning, done) if done else None,
        "nothing_done": done == "0",
        "refusal": refusal,
        "meanwhile": isinstance(refusal, Changed),
        **_facts(planning, sent, told),
    }
    return rendered(request, "draft.html", facts, status)


def _done(planning: Planning, number: str) -> Revision | None:
    return next((r for r in planning.desk.ledger.revisions.all() if str(r.number) == number), None)


def _facts(planning: Planning, sent: Sent, told: Foretold | None) -> dict[str, Any]:
    """What is told of a draft; the text that the form holds is its sender's own."""
    if told is None:
        return dict.fromkeys(_OUTCOME) | {"text": sent.text, "name": sent.name}
    draft, loaded = told.draft, told.draft.loaded
    lines = {each.line for each in (*loaded.problems[:_MOST], *told.warnings[:_MOST])}
    facts: dict[str, Any] = dict.fromkeys(_OUTCOME) | {
        "text": draft.text or sent.text,
        "name": sent.name,
        "draft": draft,
        "problems": loaded.problems[:_MOST],
        "more_problems": max(0, len(loaded.problems) - _MOST) + loaded.left_out,
        "warnings": told.warnings[:_MOST],
        "more_warnings": max(0, len(told.warnings) - _MOST),
        "lines": list(listing(draft.text, lines)) if any(lines) else [],
        "verdicts": _verdicts(told),
    }
    if told.proposal is None:
        return facts
    plan, now = told.proposal.plan, told.proposal.now
    found = coming(loaded, planning.desk.settle, now, now + sent.days * _DAY)
    windows = [(when(each), each, note_words(list(each.notes))) for each in islice(found, _MOST_WINDOWS + 1)]
    return facts | {
        "plan": plan,
        "shown": told.proposal.digest,
        "sum": list(in_all(plan, done=False)),
        "rows": list(rows(plan)) if len(plan.differences) <= _MOST_WINDOWS else [],
        "event_rows": list(islice(event_rows(plan), _MOST_WINDOWS)),
        "gone": gone(plan),
        "standing": list(islice(in_words(plan.overruled), _MOST)),
        "more_standing": max(0, count(plan.overruled) - _MOST),
        "windows": windows[:_MOST_WINDOWS],
        "more_windows": len(windows) > _MOST_WINDOWS,
    }


def _verdicts(told: Foretold) -> dict[str, Any] | None:
    imported = told.draft.imported
    if imported is None:
        return None
    remarked = [row for row in imported.rows if row.taken and row.remarks]
    return {
        "refused": imported.refused[:_MOST],
        "remarked": remarked[:_MOST],
        "aside": len(imported.aside),
        "taken": len(imported.rows) - len(imported.refused),
        "all": len(imported.rows),
        "warnings": imported.warnings,
    }


async def _sent(request: Request) -> Sent:
    form = await access.form(request)
    brought = form.get("file")
    upload = await brought.read() if isinstance(brought, UploadFile) and brought.filename else None
    await form.close()
    name = brought.filename if isinstance(brought, UploadFile) and upload is not None else _word(form, "name")
    days, most = _word(form, "days"), _word(form, "most")
    return Sent(
        text=_word(form, "text"),
        name=file_name(name or ""),
        upload=upload,
        options={key: _word(form, key).strip() for key in (*OPTIONS, "lead")},
        year=_word(form, "year").strip(),
        prune=bool(_word(form, "prune")),
        days=int(days) if days in map(str, DAYS) else _USUAL_DAYS,
        apply=_word(form, "act") == "apply",
        shown=_word(form, "shown"),
        reason=_word(form, "reason"),
        most=int(most) if _FIGURE.fullmatch(most) else None,
        force=bool(_word(form, "force")),
    )


def _word(form: FormData, key: str) -> str:
    value = form.get(key)
    return value if isinstance(value, str) else ""


def _source(name: str) -> str:
    """How a revision says that it was applied here."""
    return f"page:{name}" if name else "page"


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _readable(content: bytes) -> bytes:
    try:
        return _plain(content.decode("utf-8-sig")).encode()
    except UnicodeDecodeError:
        return content
