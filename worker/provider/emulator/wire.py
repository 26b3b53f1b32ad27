"""What goes over the wire: right answers, and every way in which one can fail to arrive.

A connection can only be broken where it is: :mod:`.server` lends every request a function that does it
(the ASGI extension :data:`SEVER`). Where there is none, in process, the client's own transport error is
raised, which is what it would have seen.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from worker.provider.emulator.faults import Fault, Kind, When

SEVER: Final = "relaybeat.sever"
"""ASGI extension: called with True it resets the client's connection, with False it closes it."""

_PAGE: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"


class Broken(Response):
    """Nothing is sent, and after ``seconds`` the connection is reset, or closed."""

    def __init__(self, *, reset: bool, seconds: float = 0.0) -> None:
        super().__init__()
        self._reset = reset
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends nothing."""
        if not await _gone(receive, self._seconds):
            await _sever(scope, receive, reset=self._reset)


class Slow(Response):
    """Another response, some seconds late; spared if the client leaves before that."""

    def __init__(self, inner: Response, seconds: float) -> None:
        super().__init__()
        self._inner = inner
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Waits, then sends."""
        if not await _gone(receive, self._seconds):
            await self._inner(scope, receive, send)


class Dripping(Response):
    """Another response, its body sent byte by byte for as long as the client stays."""

    def __init__(self, inner: Response, seconds: float) -> None:
        super().__init__()
        self._inner = inner
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends byte by byte."""
        await _start(self._inner, send)
        body = bytes(self._inner.body)
        for index in range(len(body)):
            more = index + 1 < len(body)
            await send({"type": "http.response.body", "body": body[index : index + 1], "more_body": more})
            if more and await _gone(receive, self._seconds):
                return


class Cut(Response):
    """Another response, whose connection is reset half-way through the body."""

    def __init__(self, inner: Response) -> None:
        super().__init__()
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends half."""
        await _start(self._inner, send)
        body = bytes(self._inner.body)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _sever(scope, receive, reset=True)


def respond(status: int, document: Mapping[str, object], fault: Fault | None) -> Response:
    """The answer as the fault would have it; without one, as it is."""
    right = Response(json.dumps(document), status, media_type="application/json")
    if fault is None or fault.code:
        return right
    if fault.kind is None:
        return _bare(fault.status)
    spoil = _SPOILERS.get(fault.kind)
    return spoil(right, fault) if spoil else right


def _bare(status: int) -> Response:
    """What something in between would answer: no JSON, and for 3xx another address."""
    headers = {"Location": "/elsewhere"} if status in range(300, 400) else {}
    return Response(_PAGE.format(status), status, headers, "text/html")


async def _start(response: Response, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )


async def _gone(receive: Receive, seconds: float) -> bool:
    """Waits that long, and tells whether the client left meanwhile."""
    if seconds <= 0:
        return False
    leaving = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({leaving}, timeout=seconds)
        return leaving.done()
    finally:
        leaving.cancel()


async def _sever(scope: Scope, receive: Receive, *, reset: bool) -> None:
    sever = scope.get("extensions", {}).get(SEVER)
    if sever is None:
        raise (
            httpx.ReadError("reset by the emulator")
            if reset
            else httpx.RemoteProtocolError("closed by the emulator")
        )
    sever(reset)
    await receive()


def _slowed(right: Response, fault: Fault) -> Response:
    return right if fault.when is When.BEFORE else Slow(right, fault.seconds)


_SPOILERS: Final[Mapping[Kind, Callable[[Response, Fault], Response]]] = {
    Kind.RESET: lambda _right, _fault: Broken(reset=True),
    Kind.CLOSE: lambda _right, _fault: Broken(reset=False),
    Kind.HANG: lambda _right, fault: Broken(reset=True, seconds=fault.seconds),
    Kind.SLOW: _slowed,
    Kind.DRIP: lambda right, fault: Dripping(right, fault.seconds),
    Kind.CUT: lambda right, _fault: Cut(right),
    Kind.GARBAGE: lambda right, _fault: Response(bytes(right.body)[:-7], media_type="application/json"),
    Kind.EMPTY: lambda _right, _fault: Response(media_type="application/json"),
    Kind.HTML: lambda _right, _fault: _bare(HTTPStatus.BAD_GATEWAY),
}
