"""``POST /plan`` and ``POST /apply``: what an events file, a spreadsheet or a calendar would do; doing it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Annotated, Any, Final, TypeVar

import anyio
from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from worker.drafts.differences import counts, done_view, plan_view
from worker.drafts.drafting import coming
from worker.drafts.reading import Draft
from worker.events.problems import EventsError, Problem
from worker.imports.files import import_view
from worker.views import window_view
from worker.web import access
from worker.web.api.plans import (
    JSON,
    KINDS,
    ApplyAnswer,
    PlanAnswer,
    TextToApply,
    TextToPlan,
    ToApply,
    ToPlan,
    taking,
)
from worker.web.desk import Desk
from worker.web.planning import Brought, Leave, Planning, file_name, one_line

_DAY: Final = 86_400
_AT_ONCE: Final = 2
"""Drafts that are worked on together; a large one takes some hundred megabytes and seconds."""
_OBJECT: Final = TypeAdapter(dict[str, Any])
_Said = TypeVar("_Said", ToPlan, ToApply)


def router(desk: Desk) -> APIRouter:
    """Both operations."""
    planning, limiter = Planning(desk), anyio.CapacityLimiter(_AT_ONCE)
    made = APIRouter(tags=["plans"])

    @made.post(
        "/plan", summary="What a plan would do", response_model=PlanAnswer, openapi_extra=taking(TextToPlan)
    )
    async def plan(request: Request, options: Annotated[ToPlan, Query()]) -> JSONResponse:
        """Reads an events file, a spreadsheet or a calendar, and tells what applying it would do.

        The file is the body, or `text` in a JSON body. Nothing is written. `digest` names what is told:
        given to `/apply` as `expect`, just that is done.
        """
        access.need(request, "read")
        brought, said = await _read(request, options, TextToPlan)
        answer = partial(_plan, planning, brought, said)
        return JSONResponse(await anyio.to_thread.run_sync(answer, limiter=limiter))

    @made.post(
        "/apply", summary="Apply a plan", response_model=ApplyAnswer, openapi_extra=taking(TextToApply)
    )
    async def apply(request: Request, options: Annotated[ToApply, Query()]) -> JSONResponse:
        """Makes the ledger follow an events file, a spreadsheet or a calendar, as `relaybeat apply` does.

        Doing it twice changes nothing. A spreadsheet or a calendar is applied only if every row was taken;
        `/plan` tells which was not, and gives the events file of the others.
        """
        access.need(request, "operate")
        brought, said = await _read(request, options, TextToApply)
        answer = partial(_apply, planning, brought, said, request.state.caller.name)
        return JSONResponse(await anyio.to_thread.run_sync(answer, limiter=limiter))

    return made


def _plan(planning: Planning, brought: Brought, said: ToPlan) -> dict[str, Any]:
    draft = planning.read(brought)
    told = planning.look(draft, prune=said.prune)
    if told.proposal is None:
        raise EventsError(draft.loaded.problems, draft.loaded.left_out)
    plan, now = told.proposal.plan, told.proposal.now
    lists = plan_view(plan, told.warnings)
    line = coming(draft.loaded, planning.desk.settle, now, now + said.days * _DAY)
    windows = map(window_view, islice(line, said.most if said.days else 0))
    return {
        "digest": told.proposal.digest,
        "base": plan.base,
        "events": len(draft.loaded.events),
        "changed": len(plan.changed),
        **counts(plan),
        "lost": plan.lost,
        "may_go": plan.cap,
        "changes": list(islice(lists["changes"], said.most)),
        "more": max(0, len(plan.differences) - said.most),
        **{name: list(lists[name]) for name in ("left", "overrides", "warnings")},
        "windows": list(windows),
        "imported": import_view(draft.text, draft.imported) if draft.imported else None,
    }


def _apply(planning: Planning, brought: Brought, said: ToApply, by: str) -> dict[str, Any]:
    if not one_line(said.reason):
        raise _missing("reason")
    draft = planning.read(brought)
    if problems := (*draft.loaded.problems, *_refused(draft)):
        raise EventsError(problems, draft.loaded.left_out)
    leave = Leave(by=by, reason=said.reason, shown=said.expect, most=said.max_delete, force=said.force)
    name = file_name(said.name)
    number, told = planning.apply(draft, leave, prune=said.prune, source=f"api:{name}" if name else "api")
    assert told.proposal is not None
    return done_view(number, len(draft.loaded.events), told.proposal.plan, told.warnings)


def _refused(draft: Draft) -> list[Problem]:
    rows = draft.imported.refused if draft.imported else ()
    return [Problem(draft.loaded.file, each.row, 0, each.why, field=each.sheet) for each in rows]


async def _read(request: Request, options: _Said, as_json: type[_Said]) -> tuple[Brought, _Said]:
    """The file in the body, and all that is said beside it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await request.body()
    if kind in KINDS:
        return options.brought(content, KINDS[kind]), options
    if kind != JSON:
        raise HTTPException(415, f"send {JSON}, or the file itself as one of: {', '.join(KINDS)}")
    try:
        said = as_json.model_validate(options.model_dump(exclude_unset=True) | _OBJECT.validate_json(content))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([_in_body(each) for each in found]) from None
    assert isinstance(said, TextToPlan | TextToApply)
    return said.brought(said.text.encode("utf-8", "replace")), said


def _in_body(error: Mapping[str, Any]) -> dict[str, Any]:
    return {**error, "loc": ("body", *error["loc"])}


def _missing(name: str) -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("query", name), "msg": "say why"}])
