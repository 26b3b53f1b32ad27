"""Sessions of people who signed in, kept in their cookie alone (pure).

What a cookie says is signed with a key that follows from the tokens, so every process that has the tokens
knows it, no process has to remember it, and other tokens end all sessions. The key costs some work, so that
who sees a cookie cannot try tokens on it by the million.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final

LASTS: Final = 12 * 3_600
"""Seconds until somebody has to sign in again: a night's duty."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in, as what, until when (Unix seconds); ``id`` tells it from every other."""

    role: str
    name: str
    until: int
    id: str


class Sessions:
    """Seals sessions and opens them."""

    def __init__(self, *tokens: str) -> None:
        told = json.dumps(tokens).encode()
        self._key = hashlib.scrypt(told, salt=b"relaybeat: sessions", n=2**14, r=8, p=1)

    def seal(self, session: Session) -> str:
        """What the cookie holds: characters that need no quotes there."""
        told = json.dumps([session.role, session.name, session.until, session.id]).encode()
        return f"{_text(told)}.{_text(self._sign(b'session', told))}"

    def open(self, sealed: str, now: float) -> Session | None:
        """The session, if this is one of ours and has not ended; never raises, whatever it is given."""
        body, _, seal = sealed.partition(".")
        try:
            told = base64.urlsafe_b64decode(body.encode())
            given = base64.urlsafe_b64decode(seal.encode())
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(given, self._sign(b"session", told)):
            return None
        session = Session(*json.loads(told))
        return session if now < session.until else None

    def csrf(self, session: Session) -> str:
        """What the forms of this session hold, and no other page can know."""
        return _text(self._sign(b"form", session.id.encode()))

    def _sign(self, what: bytes, told: bytes) -> bytes:
        return hmac.digest(self._key, what + b"\0" + told, "sha256")


def _text(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode()
