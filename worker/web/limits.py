"""How much one client may ask for: so many requests a second, and so many bytes in one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.web.access import SAFE, Denied, too_many
from worker.web.buckets import Buckets, Rate

MOST_BYTES: Final = 64 * 1024
MOST_BYTES_OF_PLANS: Final = 8 * 1024 * 1024
_FOR_FREE: Final = ("/healthz", "/static/")


_READS: Final = Rate(50, 100)
_WRITES: Final = Rate(5, 20)
_TRIES: Final = Rate(5 / 60, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client gets. A wall of screens, an office behind one address and Prometheus stay far below.

    ``tries`` are tokens that are wrong.
    """

    reads: Rate = _READS
    writes: Rate = _WRITES
    tries: Rate = _TRIES


_ANY: Final = Rate(math.inf, math.inf)
UNLIMITED: Final = Limits(reads=_ANY, writes=_ANY, tries=_ANY)
"""For whoever measures, or asks everything there is."""


class Limiting:
    """Refuses what is too much, with 429 or 413, before anything is done about it."""

    def __init__(self, app: ASGIApp, limits: Limits, stopwatch: Callable[[], float]) -> None:
        self._app = app
        self._reads = Buckets(limits.reads, stopwatch)
        self._writes = Buckets(limits.writes, stopwatch)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Raises ``Denied``."""
        if scope["type"] == "http":
            request = Request(scope)
            self._count(request)
            most = MOST_BYTES_OF_PLANS if brings_plan(request.url.path) else MOST_BYTES
            said = request.headers.get("content-length", "")
            if said.isdecimal() and int(said) > most:
                raise _too_large(most)
            receive = _counted(receive, most)
        await self._app(scope, receive, send)

    def _count(self, request: Request) -> None:
        if request.url.path.startswith(_FOR_FREE):
            return
        buckets = self._reads if request.method in SAFE else self._writes
        if wait := buckets.take(request.state.peer.group):
            raise too_many(wait)


def brings_plan(path: str) -> bool:
    """Whether a whole plan may be sent there."""
    return path in {"/draft", "/api/v1/check", "/api/v1/plan", "/api/v1/apply", "/api/v1/import"}


def _counted(receive: Receive, most: int) -> Receive:
    """Counts what comes, for a length can be a lie, and a stream has none."""
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> Denied:
    said = f"{most // 1024} KB" if most < 1024 * 1024 else f"{most // 1024 // 1024} MB"
    return Denied(413, "too-large", f"more than {said} were sent", headers={"Connection": "close"})
