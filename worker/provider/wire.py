"""HTTP to the provider: one event loop on a thread of its own, and one client that all callers share.

httpx times each read out, not the call: an answer that drips a byte a second holds it for ever. Only an
event loop can put one deadline on name lookup, connecting, TLS, headers and body together, so there is one
behind a blocking call.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from worker import __version__
from worker.provider.classify import Reply, TooLong, transport_failure

MOST_BYTES: Final = 1_048_576
"""The longest answer that is read. Whoever answers with more is not the provider, or not well."""

CONNECT_SECONDS: Final = 5.0
"""For connecting, and again for TLS; never more than a third of the whole, so that these time out first:
httpcore closes the socket of a handshake that timed out, but not that of one that was cancelled."""

MOST_CONNECTIONS: Final = 32

HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a compressed answer could unpack to far more than MOST_BYTES
    "User-Agent": f"relaybeat/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: an action with its query, and a JSON body if it is a POST."""

    action: str
    query: Mapping[str, str | int]
    body: Mapping[str, Any] | None = None

    @property
    def method(self) -> str:
        """A call without a body reads."""
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True, slots=True)
class _Engine:
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread
    client: httpx.AsyncClient


class _Progress:
    """Listens to httpcore, because a deadline that strikes does not say whether anything had been sent.

    A process that stood still may wake up right here, when others have long taken over what it is about to
    do. So the last thing before the first byte is to ask whether it is ``late``.
    """

    def __init__(self, *, sent: bool, late: Callable[[], bool]) -> None:
        self.sent = sent
        self._late = late

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            if self._late():
                raise TimeoutError
            self.sent = True


class Wire:
    """Sends one request at a time for each calling thread. Starts at the first call, again after a fork.

    ``timeout``: seconds for a whole call, from name lookup to the last byte. ``stopwatch`` gives seconds
    that only grow. ``transport`` replaces the network, as tests do. No redirect is followed, nothing is
    repeated, and proxies and netrc of the environment are ignored: netrc would replace the signature.
    """

    def __init__(
        self,
        timeout: float,
        stopwatch: Callable[[], float],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout = timeout
        self._stopwatch = stopwatch
        self._transport = transport
        self._inherited: list[_Engine] = []
        self._engine: _Engine | None = None
        self._lock = threading.Lock()
        _WIRES.add(self)

    def send(
        self, url: str, call: Call, auth: httpx.Auth, hide: tuple[str, ...] = (), *, since: float
    ) -> Reply:
        """The answer, whatever it says. Raises ``Unreachable`` or ``OutcomeUnknown`` if there is none.

        ``since``: when, by the stopwatch, the call was announced. It ends a timeout later, and nothing is
        sent when a third of that has passed, for whoever wonders what came of it counts from there, too.
        """
        engine = self._started()
        late_at = since + self._timeout / 3
        progress = _Progress(sent=self._transport is not None, late=lambda: self._stopwatch() > late_at)
        work = self._exchange(engine.client, url, call, auth, progress, since + self._timeout)
        future = asyncio.run_coroutine_threadsafe(work, engine.loop)
        try:
            return future.result()
        except (httpx.HTTPError, TooLong, TimeoutError, concurrent.futures.CancelledError) as error:
            failure: BaseException = error
        except BaseException:  # a time limit or Ctrl-C struck in this thread: leave no request behind
            future.cancel()
            raise
        # Raised out here so that the failure does not carry the request, with its headers, as its context.
        raise transport_failure(call.action, failure, sent=progress.sent, hide=hide)

    def close(self) -> None:
        """Ends the loop and its connections; calls under way end as ``OutcomeUnknown``."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is None:
            return
        asyncio.run_coroutine_threadsafe(_wind_up(engine.client), engine.loop).result()
        engine.loop.call_soon_threadsafe(engine.loop.stop)
        engine.thread.join()
        engine.loop.close()

    async def _exchange(
        self,
        client: httpx.AsyncClient,
        url: str,
        call: Call,
        auth: httpx.Auth,
        progress: _Progress,
        ends: float,
    ) -> Reply:
        began = self._stopwatch()
        body = bytearray()
        async with (
            asyncio.timeout(max(ends - began, 0.0)),
            client.stream(
                call.method,
                url,
                params={"Action": call.action, "Version": "2023-01-01", **call.query},
                json=call.body,
                auth=auth,
                extensions={"trace": progress},
            ) as response,
        ):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise TooLong(f"the answer is longer than {MOST_BYTES} bytes")
        return Reply(response.status_code, response.headers, bytes(body), self._stopwatch() - began)

    def _started(self) -> _Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._start()
            return self._engine

    def _start(self) -> _Engine:
        for name in ("httpx", "httpcore.connection", "httpcore.http11"):
            logging.getLogger(name).disabled = True  # their debugging shows headers as they are
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="provider", daemon=True)
        thread.start()
        return _Engine(loop, thread, self._client())

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers=HEADERS,
            timeout=httpx.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout / 3)),
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
            transport=self._transport,
            follow_redirects=False,
            trust_env=False,
        )

    def _after_fork(self) -> None:
        """The parent's thread does not exist here, and its sockets are the parent's: kept, never touched."""
        if self._engine is not None:
            self._inherited.append(self._engine)
        self._engine = None
        self._lock = threading.Lock()


async def _wind_up(client: httpx.AsyncClient) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await client.aclose()


_WIRES: Final[weakref.WeakSet[Wire]] = weakref.WeakSet()


def _start_afresh() -> None:
    for wire in tuple(_WIRES):
        wire._after_fork()


os.register_at_fork(after_in_child=_start_afresh)
