"""What pages are printed on: templates, filled in the language of whoever looks, and the files they need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from worker.language import phrase, spoken
from worker.web import access
from worker.web.wishes import wishes_of

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KINDS: Final = {
    "relaybeat.css": "text/css; charset=utf-8",
    "relaybeat.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def address(path: str, **query: object) -> str:
    """The page at ``path``, asked for whatever is not empty."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{asked}" if asked else path


def here(request: Request, **changes: str) -> str:
    """The address of the page that is looked at, with these parts of its query changed."""
    return address(request.url.path, **(dict(request.query_params) | changes))


def rendered(request: Request, name: str, facts: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The page that this template makes of the facts, in the language spoken.

    Every template also knows the ``request``, the ``wishes`` and the ``caller``, and the ``csrf`` of its forms.
    """
    caller = getattr(request.state, "caller", None)
    known = {
        "request": request,
        "wishes": wishes_of(request),
        "caller": caller,
        "csrf": access.csrf(request) if caller else "",
    }
    return HTMLResponse(filled(name, known | dict(facts)), status, {"Cache-Control": "no-store"})


def filled(name: str, facts: Mapping[str, Any]) -> str:
    """What this template makes of the facts, in the language spoken."""
    return _ENVIRONMENT.get_template(name).render(facts)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str
    tag: str


@cache
def _file(name: str) -> _File:
    content = files("worker.web").joinpath("static", name).read_bytes()
    return _File(content, _KINDS[name], hashlib.blake2b(content, digest_size=8).hexdigest())


def static(name: str) -> str:
    """The address of a file that pages need. It changes with the file, so the file may be kept for ever."""
    return f"/static/{name}?v={_file(name).tag}"


def routes() -> list[Route]:
    """``/static/…``."""

    async def serve(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _KINDS:
            return Response(status_code=404)
        file = _file(name)
        kept = _FOR_EVER if request.query_params.get("v") == file.tag else "no-cache"
        headers = {"ETag": f'"{file.tag}"', "Cache-Control": kept}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=file.kind, headers=headers)

    return [Route("/static/{name}", serve)]


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("worker.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals |= {
        "_": phrase,
        "spoken": spoken,
        "weekdays": _WEEKDAYS,
        "address": address,
        "here": here,
        "static": static,
    }
    return made


_ENVIRONMENT: Final = _environment()
