"""What is answered when a request fails: a problem document (RFC 9457) to programs, a page to people.

``code`` tells problems apart, and is stable; ``detail`` is for people, and is not. No answer holds a
traceback, what was sent, or an address that is not masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from worker import errors
from worker.events.problems import EventsError
from worker.redact import mask_text
from worker.web.access import Denied
from worker.web.headers import say
from worker.web.paper import address, rendered

MEDIA_TYPE: Final = "application/problem+json"
_SHOWN: Final = 100
"""Of problems in a plan."""
_UNUSABLE: Final = "the plan has problems"
_STATUS: Final[Mapping[type[Exception], int]] = {
    errors.UnknownWindow: 404,
    errors.UnknownEvent: 404,
    errors.Refused: 409,
    errors.LedgerUnavailable: 503,
    errors.ConfigError: 422,
    errors.SettingsError: 500,
    errors.ProviderError: 502,
}
_CODES: Final = {400: "malformed", 404: "no-such-page", 405: "no-such-method", 415: "no-such-type"}
_TITLES: Final = {
    401: "Sign in first",
    403: "You may not do that",
    404: "There is nothing here",
    409: "That makes no sense now",
    413: "That is too large",
    422: "That cannot be used",
    429: "That was too much at once",
    500: "Something went wrong here",
    503: "The ledger cannot be reached",
}
"""For people; whoever writes programs knows the standard's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that went wrong. ``more`` are further members of the document."""

    status: int
    code: str
    detail: str
    hint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As programs read it. Of type about:blank: the status says of what kind it is, ``code`` the rest."""
        told: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        return told | ({"hint": self.hint} if self.hint else {}) | dict(self.more)


def problem(error: Exception) -> Problem:
    """What an error means to whoever asked."""
    match error:
        case RequestValidationError():
            return Problem(
                status=422, code="malformed", detail="the request is not well formed", more=_errors(error)
            )
        case HTTPException():
            code = error.code if isinstance(error, Denied) else _CODES.get(error.status_code, "refused")
            hint = error.hint if isinstance(error, Denied) else ""
            headers = error.headers or {}
            return Problem(
                status=error.status_code, code=code, detail=error.detail, hint=hint, headers=headers
            )
        case errors.RelaybeatError():
            return _of_ours(error)
        case _:
            return Problem(
                status=500, code="unexpected", detail="this is a fault of ours, and it is in the log"
            )


def answered(request: Request, error: Exception) -> Response:
    """What is answered: to people a page, or the one for signing in; to programs a problem document."""
    told = problem(error)
    if _for_people(request):
        if told.code == "sign-in" and request.method == "GET":
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(address("/sign-in", next=back), 303)
        title = _TITLES.get(told.status, HTTPStatus(told.status).phrase)
        answer: Response = rendered(request, "problem.html", {"problem": told, "title": title}, told.status)
    else:
        answer = JSONResponse(told.document(), told.status, media_type=MEDIA_TYPE)
    answer.headers.update(told.headers)
    return answer


async def _expected(request: Request, error: Exception) -> Response:
    return answered(request, error)


async def _unexpected(request: Request, error: Exception) -> Response:
    """Of what nobody raised on purpose. The outermost layer answers that, so it says its headers itself."""
    answer = answered(request, error)
    say(answer.headers)
    return answer


EXPECTED: Final[dict[Any, Any]] = {
    HTTPException: _expected,
    RequestValidationError: _expected,
    errors.RelaybeatError: _expected,
}
"""For whatever is raised on purpose."""
HANDLERS: Final[dict[Any, Any]] = {**EXPECTED, Exception: _unexpected}
"""For an application as a whole."""


def _of_ours(error: errors.RelaybeatError) -> Problem:
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
    return Problem(
        status=status,
        code=error.code,
        detail=_UNUSABLE if isinstance(error, EventsError) else mask_text(str(error)),
        hint=mask_text(error.hint),
        headers={"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {},
        more=dict(_problems(error)) if isinstance(error, EventsError) else {},
    )


def _problems(error: EventsError) -> Iterator[tuple[str, Any]]:
    """As ``check --output json`` has them."""
    shown = error.problems[:_SHOWN]
    told = ("message", "hint")
    yield "problems", [asdict(p) | {name: mask_text(getattr(p, name)) for name in told} for p in shown]
    yield "left_out", error.left_out + len(error.problems) - len(shown)


def _errors(error: RequestValidationError) -> dict[str, Any]:
    """Where it is wrong, and how; not what was there, which can be a secret."""
    found = ((each, each["msg"].removeprefix("Value error, ")) for each in error.errors())
    return {"errors": [dict(_where(each)) | {"message": mask_text(message)} for each, message in found]}


def _where(each: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """In which part of the request, and at which place of a body (RFC 6901) or under which name."""
    part, *rest = map(str, each["loc"])
    yield "in", part
    if part != "body":
        yield "name", ".".join(rest)
    elif each["type"] == "json_invalid":  # where it begins to be no JSON is no place in JSON
        yield "pointer", "#"
    else:
        yield "pointer", "#" + "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in rest)


def _for_people(request: Request) -> bool:
    accepts = "text/html" in request.headers.get("accept", "")
    return accepts and not request.url.path.startswith("/api/")
