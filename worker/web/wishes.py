"""How somebody wants to be told things: in which language, in light or dark, and on whose clock.

What an address says counts, then what a cookie remembers of an earlier one, then what the browser asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.language import LANGUAGES, speaking

THEMES: Final = ("auto", "light", "dark")
ZONES: Final = ("event", "local", "utc")
_KNOWN: Final = {"lang": LANGUAGES, "theme": THEMES, "zone": ZONES}
_LONGEST: Final = 64
"""Characters of a zone's name that are looked at."""
_A_YEAR: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Wishes:
    """``zone`` is one of ``ZONES``; ``here`` names the viewer's own, if their browser told it."""

    lang: str
    theme: str
    zone: str
    here: str


def wishes_of(request: Request) -> Wishes:
    """What this request wants."""
    asked = request.headers.get("accept-language", "").lower()
    return Wishes(
        lang=_said(request, "lang") or ("zh" if _prefers_chinese(asked) else "en"),
        theme=_said(request, "theme") or "auto",
        zone=_said(request, "zone") or "event",
        here=unquote(request.cookies.get("tz", ""))[:_LONGEST],
    )


class Heeding:
    """Answers in the language that is wanted, and remembers what an address asked for. Not for the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        cookies = [
            f"{name}={value}; Path=/; Max-Age={_A_YEAR}; SameSite=Lax" for name, value in _new(request)
        ]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for cookie in cookies:
                    headers.append("set-cookie", cookie)
            await send(message)

        with speaking(wishes_of(request).lang):
            await self._app(scope, receive, answer)


def _said(request: Request, name: str) -> str:
    known = _KNOWN[name]
    given = (request.query_params.get(name, ""), request.cookies.get(name, ""))
    return next((value for value in given if value in known), "")


def _new(request: Request) -> Iterator[tuple[str, str]]:
    for name, known in _KNOWN.items():
        value = request.query_params.get(name, "")
        if value in known and request.cookies.get(name) != value:
            yield name, value


def _prefers_chinese(accepted: str) -> bool:
    """Whether Chinese comes ahead of English there."""
    best = {"zh": 0.0, "en": 0.0}
    for part in accepted.split(",")[:20]:
        name, _, weight = part.strip().partition(";q=")
        language = name.split("-")[0]
        if language in best:
            best[language] = max(best[language], _weight(weight))
    return best["zh"] > best["en"]


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
