"""Sessions of people who signed in, kept in their cookie alone (pure).

What a cookie says is signed with a key that follows from the token it was given for, so every process that
has the token knows it, no process has to remember it, and another token ends its sessions. Each role has a
key of its own: who may read has nothing to try tokens of the other role on, and where a role has no token
there is no key that could be guessed. A key costs some work, so that nobody tries tokens by the million.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache
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
    """Seals sessions and opens them, for each role that has a token."""

    def __init__(self, operate: str, read: str) -> None:
        self._keys = {
            role: _key(role, token) for role, token in (("operate", operate), ("read", read)) if token
        }

    def seal(self, session: Session) -> str:
        """What the cookie holds: characters that need no quotes there."""
        told = json.dumps([session.role, session.name, session.until, session.id]).encode()
        return f"{_text(told)}.{_text(self._sign(session.role, b'session', told))}"

    def open(self, sealed: str, now: float) -> Session | None:
        """The session, if this is one of ours and has not ended; never raises, whatever it is given."""
        body, _, seal = sealed.partition(".")
        try:
            told = base64.urlsafe_b64decode(body.encode())
            given = base64.urlsafe_b64decode(seal.encode())
        except (binascii.Error, ValueError):
            return None
        for role in self._keys:
            if hmac.compare_digest(given, self._sign(role, b"session", told)):
                session = Session(*json.loads(told))
                return session if session.role == role and now < session.until else None
        return None

    def csrf(self, session: Session) -> str:
        """What the forms of this session hold, and no other page can know."""
        return _text(self._sign(session.role, b"form", session.id.encode()))

    def _sign(self, role: str, what: bytes, told: bytes) -> bytes:
        return hmac.digest(self._keys[role], what + b"\0" + told, "sha256")


@lru_cache(maxsize=4)
def _key(role: str, token: str) -> bytes:
    return hashlib.scrypt(token.encode(), salt=f"relaybeat {role}".encode(), n=2**14, r=8, p=1)


def _text(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode()
