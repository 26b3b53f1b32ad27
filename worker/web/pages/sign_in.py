"""Signing in: a token and a name become a session."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from worker.web import access
from worker.web.access import Denied, Keyring
from worker.web.paper import rendered

_SEE_OTHER: Final = 303
_WRONG: Final = 401


def routes(keyring: Keyring) -> list[Route]:
    """``/sign-in`` and ``/sign-out``."""

    async def show(request: Request) -> Response:
        return _page(request, keyring, back=_ours(request.query_params.get("next", "")))

    async def sign_in(request: Request) -> Response:
        fields = {name: str(value) for name, value in (await access.form(request)).items()}
        name, back = access.named(fields.get("name", "")), _ours(fields.get("next", ""))
        if not name:
            return _page(request, keyring, back=back, wrong="Say who you are")
        try:
            role = keyring.tried(request, fields.get("token", "").strip(), "form")
        except Denied as error:
            if error.status_code != _WRONG:
                raise
            return _page(request, keyring, back=back, name=name, wrong="The token is wrong")
        answer = RedirectResponse(back, _SEE_OTHER)
        keyring.sign_in(request, answer, role, name)
        return answer

    async def sign_out(request: Request) -> Response:
        await access.form(request)
        answer = RedirectResponse("/sign-in", _SEE_OTHER)
        keyring.sign_out(request, answer)
        return answer

    return [
        Route("/sign-in", show),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
    ]


def _page(request: Request, keyring: Keyring, *, back: str, name: str = "", wrong: str = "") -> Response:
    facts = {"back": back, "name": name, "wrong": wrong, "no_token": keyring.empty}
    return rendered(request, "sign_in.html", facts, _WRONG if wrong else 200)


def _ours(back: str) -> str:
    """Where to go then: a page of ours, whatever the address says."""
    try:
        where = urlsplit(back)
    except ValueError:
        return "/"
    foreign = where.scheme or where.netloc or not back.startswith("/") or back.startswith("//")
    return "/" if foreign or "\\" in back or not back.isprintable() else back
