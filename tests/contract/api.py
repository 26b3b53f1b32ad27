"""A program that speaks to the API, of a ledger on the test's clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from tests.contract.desk import HORIZON, SETTLE, Desk
from tests.contract.ledgers import ClockedLedger, clocked
from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import create_app
from worker.web.limits import UNLIMITED

OPERATE, READ = "operates-0123456789", "reads-0123456789"
SECRET = "rtmp://ann:geheim-1@a.example.com/live/geheim-2"


@dataclass(frozen=True)
class Timed(Runtime):
    """Everything as it is, but for the clock."""

    @cached_property
    def ledger(self) -> ClockedLedger:
        return clocked(self.settings.redis_url)


@dataclass(frozen=True)
class Program:
    """A program that brings this token, and somebody at a desk of the same ledger."""

    redis_url: str
    token: str = OPERATE
    runtime: Timed = field(init=False)

    def __post_init__(self) -> None:
        settings = Settings(redis_url=self.redis_url, horizon=HORIZON, settle=SETTLE)
        object.__setattr__(self, "runtime", Timed(settings))

    @cached_property
    def app(self) -> Starlette:
        return create_app(self.runtime, token=OPERATE, read_token=READ, limits=UNLIMITED)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.runtime.ledger)

    def gets(self, path: str, **more: Any) -> httpx.Response:
        return self.asks("GET", path, **more)

    def reads(self, path: str, **query: Any) -> Any:
        """What is told there."""
        answer = self.gets(path, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def says(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        return self.asks("POST", path, headers=headers or {}, json=body)

    def wrong(self, method: str, path: str, told: Any) -> list[str]:
        """What is not as the document says of an answer there: it must hold all of it, and nothing else."""
        document = self.reads("/openapi.json")
        content = document["paths"][path][method]["responses"]["200"]["content"]
        schema = _strict({"components": document["components"]} | content["application/json"]["schema"])
        return [
            f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema).iter_errors(told)
        ]

    def asks(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """``path`` is below ``/api/v1``."""
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 4711))
            async with httpx.AsyncClient(transport=transport, base_url="http://relay.example.com") as client:
                url = path if path.startswith("/api/") else f"/api/v1{path}"
                return await client.request(method, url, headers=known | (headers or {}), **more)

        return asyncio.run(ask())


def _strict(schema: Any) -> Any:
    """The schema, of which everything must be there and nothing else."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _strict(each) for name, each in schema.items()}
    if "properties" in found:
        found |= {"additionalProperties": False, "required": list(found["properties"])}
    return found
