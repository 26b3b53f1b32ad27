"""What pages are printed on: templates, filled in the language of whoever looks, and the files they need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.language import phrase, spoken
from worker.language.retold import retold
from worker.web import access
from worker.web.answers import Content, answered, sent
from worker.web.wishes import wishes_of

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KINDS: Final = {
    "relaybeat.css": "text/css",
    "relaybeat.js": "text/javascript",
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


def rendered(request: Request, name: str, facts: Mapping[str, Any], status: int = 200) -> Response:
    """The page that this template makes of the facts, in the language spoken.

    Every template also knows the ``request``, the ``wishes``, the ``caller``, and the ``csrf`` of its forms.
    """
    caller = getattr(request.state, "caller", None)
    known = {
        "request": request,
        "wishes": wishes_of(request),
        "caller": caller,
        "csrf": access.csrf(request) if caller else "",
    }
    content = Content(filled(name, known | dict(facts)).encode())
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
    return sent(request, content, "text/html", status=status, headers=headers)


def filled(name: str, facts: Mapping[str, Any]) -> str:
    """What this template makes of the facts, in the language spoken."""
    return _ENVIRONMENT.get_template(name).render(facts)


@cache
def _file(name: str) -> Content:
    return Content(files("worker.web").joinpath("static", name).read_bytes())


def static(name: str) -> str:
    """The address of a file that pages need. It changes with the file, so the file may be kept for ever."""
    return f"/static/{name}?v={_file(name).tag}"


def routes() -> list[Route]:
    """``/static/…``."""

    def serve(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _KINDS:
            raise HTTPException(404)
        file = _file(name)
        asked = request.query_params.get("v") == file.tag
        return answered(request, file, _KINDS[name], kept=_FOR_EVER if asked else "no-cache")

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
    made.filters["retold"] = retold
    return made


_ENVIRONMENT: Final = _environment()
