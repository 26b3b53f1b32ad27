"""An emulator as an ASGI application, and as something a synchronous httpx client can talk to directly."""

from __future__ import annotations

import asyncio

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from worker.provider.emulator.admin import Admin
from worker.provider.emulator.gateway import Gateway
from worker.provider.emulator.options import Options


def create_app(options: Options | None = None) -> Starlette:
    """The API at ``/``, and ``/_emulator/``; fit for ``httpx.ASGITransport``.

    ``app.state.gateway`` is the :class:`~.gateway.Gateway` behind it. Raises ``ValueError`` for a fault
    that cannot be read, and ``ConfigError`` for a state file that is not one.
    """
    gateway = Gateway(options or Options())
    app = Starlette(routes=[Mount("/_emulator", routes=Admin(gateway).routes()), Mount("/", app=gateway)])
    app.state.gateway = gateway
    return app


class LocalTransport(httpx.BaseTransport):
    """Lets ``httpx.Client`` use an emulator without a port; hangs and drips end at the read timeout.

    ASGITransport is for asynchronous clients alone, and knows no timeouts.
    """

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request in an event loop of its own."""
        request.read()
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
                response = await self._transport.handle_async_request(request)
                body = await response.aread()
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        return httpx.Response(response.status_code, headers=response.headers, content=body)
