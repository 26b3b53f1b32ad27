"""Who asks, and what they may do.

Whoever holds a token brings it with each request (``Authorization: Bearer``), or signs in with it once and
gets a session. On this machine reading is open to all. Nobody writes without the token that operates.

The door judges every request before any page sees it, and what it does not know it refuses: a request
that is not a mere reading one wants the role ``operate``, wherever it goes.
"""

from __future__ import annotations

import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from worker.redact import mask_text
from worker.web.buckets import Buckets
from worker.web.peer import Peer, names_loopback
from worker.web.sessions import LASTS, Session, Sessions

Role = Literal["none", "read", "operate"]
_RANK: Final = {"none": 0, "read": 1, "operate": 2}
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""
_OPEN: Final = frozenset({"/healthz", "/readyz", "/sign-in", "/calendar.ics", "/favicon.ico"})
_OPEN_BELOW: Final = ("/static/", "/calendar/")
"""Open to all: what is told there is no secret, or asks for a key of its own."""
_READS: Final = frozenset({"/sign-in", "/sign-out", "/draft", "/api/v1/plan"})
"""Where a POST changes nothing that readers must not change."""
_FORM: Final = 8 * 1024 * 1024
"""Bytes of one field: a pasted plan."""
LONGEST_NAME: Final = 64


class Denied(HTTPException):
    """A request that is not answered as it was meant; ``code`` is stable, ``hint`` says what to do."""

    def __init__(
        self, status: int, code: str, detail: str, *, hint: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.hint = hint


def too_many(wait: float) -> Denied:
    """For who may ask again in so many seconds."""
    headers = {"Retry-After": str(math.ceil(wait))}
    return Denied(429, "too-many", "too many requests", hint="wait a little", headers=headers)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks. ``name`` is what they call themselves, '' if they did not; ``csrf`` is '' for who
    has no session, and ``bearer`` tells who brought a token along.
    """

    role: Role
    name: str = ""
    csrf: str = field(default="", repr=False)
    bearer: bool = False

    def may(self, role: Role) -> bool:
        """Whether what is open to this role is open to them."""
        return _RANK[self.role] >= _RANK[role]


def need(request: Request, role: Role) -> Caller:
    """The caller, if they may do what asks for this role; else raises ``Denied``: 401 or 403."""
    caller: Caller = request.state.caller
    if caller.may(role):
        return caller
    if not (caller.csrf or caller.bearer):
        raise Denied(
            401,
            "sign-in",
            "this asks for a token" if role == "read" else "this asks for the token that operates",
            hint="sign in, or send it as: Authorization: Bearer TOKEN",
            headers={"WWW-Authenticate": 'Bearer realm="relaybeat"'},
        )
    raise Denied(403, "read-only", "this token only reads", hint="sign in with the token that operates")


def csrf(request: Request) -> str:
    """What every form must hold in its field ``csrf``; '' if the caller may not write."""
    caller: Caller = request.state.caller
    return caller.csrf if caller.may("operate") else ""


async def form(request: Request) -> FormData:
    """The fields of a form that one of our own pages made for this very session; else raises ``Denied``.

    The door has seen to where it comes from.
    """
    fields = await request.form(max_files=4, max_fields=200, max_part_size=_FORM)
    caller: Caller = request.state.caller
    given = fields.get("csrf", "")
    if caller.csrf and not (isinstance(given, str) and _same(given, caller.csrf)):
        raise Denied(403, "csrf", "this form belongs to another session", hint="load the page again")
    return fields


def named(text: str) -> str:
    """What somebody calls themselves, fit for histories: one line, not long, and no address with a secret."""
    return mask_text("".join(c for c in " ".join(text.split()) if c.isprintable()))[:LONGEST_NAME]


class Keyring:
    """The tokens, and the sessions that follow from them. ``now`` tells Unix seconds.

    ``tries`` is how many wrong tokens a client may bring.
    """

    def __init__(self, operate: str, read: str, now: Callable[[], float], tries: Buckets) -> None:
        self._tokens: tuple[tuple[Role, str], ...] = (("operate", operate), ("read", read))
        self._sessions = Sessions(operate, read)
        self._now = now
        self._tries = tries

    @property
    def empty(self) -> bool:
        """Whether there is no token at all, so that nobody can sign in."""
        return not any(token for _, token in self._tokens)

    def tried(self, request: Request, token: str, way: str) -> Role:
        """What a token opens. Raises ``Denied`` for a wrong one, and for a while after some of them.

        Each ``way`` counts for itself: a program with an old token keeps nobody from signing in.
        """
        who = f"{way} {request.state.peer.group}"
        if wait := self._tries.wait(who):
            raise too_many(wait)
        role = self._role(token)
        if role == "none":
            self._tries.take(who)
            raise Denied(401, "token", "the token is wrong", headers={"WWW-Authenticate": "Bearer"})
        return role

    def _role(self, given: str) -> Role:
        found: Role = "none"
        for role, token in reversed(self._tokens):  # all of them, so that it takes the same time
            if _same(given, token) and token:
                found = role
        return found

    def session(self, request: Request) -> Caller | None:
        """Who signed in, by their cookie."""
        sealed = request.cookies.get(_cookie(request.state.peer))
        session = self._sessions.open(sealed, self._now()) if sealed else None
        if session is None:
            return None
        role: Role = "operate" if session.role == "operate" else "read"
        return Caller(role, session.name, self._sessions.csrf(session))

    def sign_in(self, request: Request, answer: Response, role: Role, name: str) -> None:
        """Gives whoever gets this answer a session.

        Lax, or links in alerts and mails would land on the page for signing in; no GET changes anything.
        """
        session = Session(role, named(name), int(self._now()) + LASTS, secrets.token_urlsafe(16))
        self._set(request, answer, self._sessions.seal(session), LASTS)

    def sign_out(self, request: Request, answer: Response) -> None:
        """Takes the session back from this browser."""
        self._set(request, answer, "", 0)

    def _set(self, request: Request, answer: Response, value: str, age: int) -> None:
        known: Peer = request.state.peer
        answer.set_cookie(
            _cookie(known), value, max_age=age, path="/", secure=known.secure, httponly=True, samesite="lax"
        )


class Door:
    """Asks everybody who they are: sets ``request.state.caller``. Raises ``Denied``.

    ``page_url`` is how people reach the page. If that is not this machine, then there may be a proxy on it
    that says nothing of itself, and being here opens nothing.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring, page_url: str = "") -> None:
        self._app = app
        self._keyring = keyring
        self._public = bool(page_url) and not names_loopback(page_url)
        self._page = urlsplit(page_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request in, or not."""
        if scope["type"] == "http":
            request = Request(scope)
            request.state.caller = self._caller(request)
            self._judge(request)
        await self._app(scope, receive, send)

    def _caller(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(request, token.strip())
        caller = self._keyring.session(request)
        if caller:
            return caller
        return Caller("read" if request.state.peer.here and not self._public else "none")

    def _bearer(self, request: Request, token: str) -> Caller:
        role = self._keyring.tried(request, token, "bearer")
        by = request.headers.get("relaybeat-by", "").encode("latin-1").decode(errors="replace")
        return Caller(role, named(by) or "api", bearer=True)

    def _judge(self, request: Request) -> None:
        path, caller = request.url.path, request.state.caller
        if request.method in SAFE:
            if path not in _OPEN and not path.startswith(_OPEN_BELOW):
                need(request, "read")
            return
        if not caller.bearer:
            self._from_our_page(request)
        if path.startswith("/api/") and caller.csrf and path not in _READS:
            raise Denied(403, "token", "the API asks for the token itself, not for a session")
        if path != "/sign-in":
            need(request, "read" if path in _READS else "operate")

    def _from_our_page(self, request: Request) -> None:
        """Browsers say where a form comes from; one that says nothing is not a browser."""
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        ours = {request.headers.get("host", ""), self._page} - {""}
        foreign = site not in {None, "same-origin", "none"}
        if foreign or (origin is not None and urlsplit(origin).netloc not in ours):
            raise Denied(403, "cross-origin", "this was sent by a page that is not ours")


def _cookie(known: Peer) -> str:
    """A browser takes ``__Host-`` from this host alone, by TLS alone (RFC 6265bis, 4.1.3.2)."""
    return "__Host-relaybeat" if known.secure else "relaybeat"


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogatepass"), wanted.encode())
