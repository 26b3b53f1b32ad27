"""The OpenAPI document: what FastAPI knows of the operations, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from worker.web.api import models

INFO: Final = """\
What Relaybeat plans, what it did, and what people may say of it: the same names and the same verbs as the
command line's. Every answer to a GET has an `ETag`: ask with `If-None-Match` and get 304 while it is the
same. Times are Unix seconds, beside them ISO 8601 on the event's own clock. Addresses are masked. Members may
be added to answers; none is taken away or gets another meaning under `/api/v1`.

Bring the token as `Authorization: Bearer TOKEN`. On the machine itself reading needs none. What fails is
answered with a problem document (RFC 9457), whose `code` is stable."""
_TAGS: Final = {
    "windows": "What is to be on air, and what was.",
    "events": "What windows come from.",
    "plans": "Events files before they are applied, and applying them.",
    "operations": "How the whole of it stands.",
}
CODES: Final[Mapping[int, Mapping[str, str]]] = {
    400: {"malformed": "the body cannot be read at all"},
    401: {
        "sign-in": "no token was brought",
        "token": "the token is wrong",
    },
    403: {
        "read-only": "the token only reads",
        "cross-origin": "a page of another site sent it",
        "token": "a session of the page does not write here: bring the token itself",
    },
    404: {
        "unknown-window": "there is no such window; the hint may name one",
        "unknown-event": "there is no such event; the hint may name one",
        "no-such-page": "there is nothing at this address",
    },
    405: {"no-such-method": "not with this method; `Allow` names those that are"},
    409: {
        "refused": "it makes no sense as things stand; `detail` says why, and `hint` what does",
        "changed": "a plan would do something else by now than `expect` says",
    },
    412: {"changed": "it is not what `If-Match` says any more; nothing was done"},
    413: {"too-large": "more than 64 KB, or than 8 MB of a plan"},
    415: {"no-such-type": "a plan in a format that is not known; detail lists those that are"},
    422: {
        "malformed": "`errors` says what is wrong and where",
        "events": "the file has problems: `problems` says which, line by line",
        "unusable": "a value in it cannot be used",
        "config": "it cannot be used; detail says why",
    },
    429: {"too-many": "too much at once; come again after `Retry-After`"},
    500: {
        "unexpected": "a fault of ours; the log of the web process has it",
        "ledger": "the ledger holds what should not be there",
        "settings": "the settings of the web process cannot be used",
    },
    503: {"ledger-unavailable": "Redis cannot be reached; nothing was done that was not acknowledged"},
}
"""Every code that is answered with, by status, and what it means."""
_OF_PLANS: Final = {409: {"changed"}, 422: {"events", "unusable", "config"}}
"""Codes of plans alone."""
_ALWAYS: Final = (401, 403, 429, 500, 503)
_WRITES: Final = (400, 409, 413, 422, *_ALWAYS)
_PLANS: Final = ("/plan", "/apply")
_PAGED: Final = ("/windows", "/events", "/report")
_SCHEMAS: Final = "#/components/schemas/"
_TEXT: Final = {"type": "string"}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {"description": "Names what is told; weak where a part of it does not count.", "schema": _TEXT},
    "Cache-Control": {"description": "To be asked for again each time, with the tag.", "schema": _TEXT},
    "Link": {"description": "`rel=next`: the next page, if there is one (RFC 8288).", "schema": _TEXT},
    "Allow": {"description": "The methods that there are.", "schema": _TEXT},
    "WWW-Authenticate": {"description": "That a bearer token is wanted.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
}
_WITH: Final = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of what is known already: 304 if it is the same.",
    "schema": _TEXT,
}
_LINKS: Final[dict[str, dict[str, Any]]] = {
    "windows": {
        "window": {"operationId": "window", "parameters": {"window_id": "$response.body#/windows/0/id"}}
    },
    "events": {"event": {"operationId": "event", "parameters": {"event_id": "$response.body#/events/0/id"}}},
    "window": {
        verb: {"operationId": verb, "parameters": {"window_id": "$response.body#/id"}}
        for verb in ("retry", "cancel", "stop", "extend", "override", "clear")
    },
    "event": {
        verb: {"operationId": verb, "parameters": {"event_id": "$response.body#/id"}}
        for verb in ("pause", "resume", "add")
    },
    "add": {"window": {"operationId": "window", "parameters": {"window_id": "$response.body#/window/id"}}},
}


def document(app: FastAPI, base: str) -> dict[str, Any]:
    """The document of what the application can do, at this path of the same server."""
    told = app.openapi()
    told["info"]["description"] = INFO
    told["servers"] = [{"url": base}]
    told["tags"] = [{"name": name, "description": words} for name, words in _TAGS.items()]
    told["security"] = [{"token": []}]
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    parts = told["components"]
    parts["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "RELAYBEAT_WEB_TOKEN, or to read RELAYBEAT_WEB_READ_TOKEN.",
        }
    }
    parts["headers"] = _HEADERS
    parts["schemas"] = _used(told, parts["schemas"] | dict(_problems()))
    return told


def _used(told: dict[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that are referred to; FastAPI has more, of problems that are never answered like that."""
    wanted = _referred(told["paths"])
    found: dict[str, Any] = {}
    while wanted:
        found |= {name: schemas[name] for name in wanted}
        wanted = _referred([schemas[name] for name in wanted]) - found.keys()
    return dict(sorted(found.items()))


def _referred(part: Any) -> set[str]:
    if isinstance(part, Mapping):
        ref = part.get("$ref", "")
        inner = _referred(list(part.values()))
        return inner | {ref.removeprefix(_SCHEMAS)} if str(ref).startswith(_SCHEMAS) else inner
    return set().union(*map(_referred, part)) if isinstance(part, list) else set()


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """What all operations of the kind have in common."""
    answers, found = operation["responses"], operation["responses"]["200"]
    found["description"] = "As asked." if method == "get" else "It is done, or was so already."
    if links := _LINKS.get(operation["operationId"]):
        found["links"] = links
    if method == "get":
        statuses = {*_ALWAYS, *_of_question(operation)}
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        paged = ("Link",) if path in _PAGED else ()
        found["headers"] = _headers("ETag", "Cache-Control", *paged)
        answers["304"] = {"description": "It is the same.", "headers": _headers("ETag", "Cache-Control")}
    else:
        statuses = {*_WRITES, *((415,) if path in _PLANS else (404, 412))}
    answers |= {str(status): _problem(status, path in _PLANS) for status in statuses}
    operation["responses"] = dict(sorted(answers.items()))


def _of_question(operation: Mapping[str, Any]) -> Iterator[int]:
    """Problems of what can be asked: that it is no question, or of something that is not there."""
    asked = {each["name"]: each["in"] for each in operation.get("parameters", ())}
    if asked:
        yield 422
    if "path" in asked.values() or "event" in asked:
        yield 404


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problem(status: int, of_plan: bool) -> dict[str, Any]:
    beside = set() if of_plan else _OF_PLANS.get(status, set())
    codes = {code: words for code, words in CODES[status].items() if code not in beside}
    told = {
        "allOf": [
            {"$ref": f"{_SCHEMAS}{'ProblemOfPlan' if of_plan else 'Problem'}"},
            {"properties": {"status": {"const": status}, "code": {"enum": [*codes]}}},
        ]
    }
    meanings = "; ".join(f"`{code}`: {words}" for code, words in codes.items())
    headers = {"headers": _headers(*_WITH[status])} if status in _WITH else {}
    content = {"application/problem+json": {"schema": told}}
    return {"description": f"{HTTPStatus(status).phrase}. {meanings}.", **headers, "content": content}


def _problems() -> Iterator[tuple[str, Any]]:
    for model in (models.Problem, models.ProblemOfPlan):
        schema = model.model_json_schema(ref_template=_SCHEMAS + "{model}", mode="serialization")
        yield from schema.pop("$defs", {}).items()
        yield model.__name__, schema
