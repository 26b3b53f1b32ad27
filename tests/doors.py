"""Browsers and programs that come to the web application, from here and from elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import create_app
from worker.web.limits import UNLIMITED, Limits

OPERATE, READ = "operates-canary-4711", "reads-canary-4712"
HERE, FAR = "http://127.0.0.1:8080", "http://relay.example.com"


class Client:
    """Somebody at an address, with cookies of their own. What nobody expects is answered, as in a process."""

    def __init__(self, app: Any, base: str, address: str, headers: dict[str, str]) -> None:
        self._app, self._base, self._address = app, base, address
        self.headers = headers
        self.cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("POST", path, **more)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(
                self._app, raise_app_exceptions=False, client=(self._address, 4711)
            )
            async with httpx.AsyncClient(
                transport=transport, base_url=self._base, headers=self.headers, cookies=self.cookies
            ) as browser:
                answer = await browser.request(method, path, **more)
                self.cookies = browser.cookies
                return answer

        return asyncio.run(ask())


class Door:
    """The application, and browsers and programs that come to it."""

    def __init__(self, redis_url: str, *, limits: Limits = UNLIMITED, **settings: Any) -> None:
        self.runtime = Runtime(Settings(redis_url=redis_url, **settings))
        self.tokens = {"token": OPERATE, "read_token": READ}
        self.limits = limits

    def client(
        self, base: str = FAR, *, address: str = "192.0.2.7", html: bool = True, **tokens: str
    ) -> Client:
        """Somebody at this address; by default a browser elsewhere."""
        app = create_app(self.runtime, **(self.tokens | tokens), limits=self.limits)
        app.router.routes.append(Route("/broken", _broken))
        return Client(app, base, address, {"accept": "text/html" if html else "*/*"})

    def program(self, token: str, **more: Any) -> Client:
        """A program that brings a token."""
        client = self.client(html=False, **more)
        client.headers["authorization"] = f"Bearer {token}"
        return client

    def signed_in(self, token: str = OPERATE, *, name: str = "Ada", base: str = FAR) -> Client:
        """A browser in which somebody signed in."""
        client = self.client(base)
        client.post("/sign-in", data={"name": name, "token": token})
        assert client.cookies
        return client


def _broken(_: Request) -> Response:
    raise RuntimeError(f"with a secret: {OPERATE}")
