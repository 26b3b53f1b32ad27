"""A cutting proxy: what stands between the product and Redis, or the provider, and can be cut.

cut      established connections carry nothing any more, and nobody is told: no FIN, no RST. New ones
         work. A firewall that forgot its table does this.
hold     nothing is carried, on old connections and new ones, until it is released; then all that was
         sent arrives. A cable that is out for a while does this.
reset    established connections are reset.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self, TypeVar

CHUNK = 65_536
T = TypeVar("T")


class Link:
    """One connection of a client, and ours to the server behind."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.writers = (client, server)
        self.dead = False

    def close(self, *, reset: bool) -> None:
        for writer in self.writers:
            raw: Any = writer.get_extra_info("socket")
            if reset and raw is not None and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort() if reset else writer.close()


class Proxy:
    """A port of its own in front of another, in a thread of its own."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.port = 0
        self._links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listening = threading.Event()
        self._open, self._ended = asyncio.Event(), asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end)
        self._thread.join(5)

    def cut(self, share: float = 1.0, dice: random.Random | None = None) -> int:
        """Black-holes that share of the established connections for good; how many there were."""
        return self._strike(share, dice, lambda link: setattr(link, "dead", True))

    def reset(self, share: float = 1.0, dice: random.Random | None = None) -> int:
        """Resets that share of the established connections; how many there were."""
        return self._strike(share, dice, lambda link: link.close(reset=True))

    def hold(self) -> None:
        """Carries nothing until :meth:`release`."""
        self._do(self._open.clear)

    def release(self) -> None:
        """Carries on, with what was held back."""
        self._do(self._open.set)

    def _strike(self, share: float, dice: random.Random | None, blow: Callable[[Link], None]) -> int:
        def strike() -> int:
            living = [link for link in self._links if not link.dead]
            chosen = [link for link in living if (dice or random).random() < share]
            for link in chosen:
                blow(link)
            return len(chosen)

        return self._do(strike)

    def _do(self, act: Callable[[], T]) -> T:
        async def within() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(within(), self._loop).result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._open.set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._ended.wait()
        server.close()
        for link in list(self._links):
            link.close(reset=True)
        here = asyncio.current_task()
        await asyncio.gather(
            *(task for task in asyncio.all_tasks() if task is not here), return_exceptions=True
        )

    def _end(self) -> None:
        self._open.set()
        self._ended.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            Link(writer, writer).close(reset=True)
            return
        link = Link(writer, far_writer)
        self._links.add(link)
        await asyncio.gather(
            self._pump(link, reader, far_writer, from_client=True),
            self._pump(link, far_reader, writer, from_client=False),
        )
        self._links.discard(link)

    async def _pump(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_client: bool
    ) -> None:
        reset = False
        with suppress(OSError):
            try:
                while data := await reader.read(CHUNK):
                    await self._open.wait()
                    if not link.dead:
                        writer.write(data)
                        await writer.drain()
            except ConnectionError:
                reset = True
        await self._open.wait()
        if from_client or not link.dead:
            link.close(reset=reset)
