"""``/_emulator/``: a look behind the scenes, and a hand on them. Unsigned, so for this machine alone.

A browser on this machine can be made to send requests here by any page it shows, so the Host must be a
name of this machine too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from worker.provider.emulator.actions import key_of
from worker.provider.emulator.fields import Fields, parse_body
from worker.provider.emulator.gateway import Gateway
from worker.provider.emulator.refusals import Refusal
from worker.provider.emulator.world import Change, Config, Key, Op

Handler = Callable[[Fields, float], dict[str, Any]]
"""What an endpoint does with its parameters, and when (Unix seconds)."""


class Admin:
    """The endpoints, each a small function of its parameters and the time."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._world = gateway.world

    def routes(self) -> list[Route]:
        """What to mount under ``/_emulator``."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/state", self.state),
            ("GET", "/stats", self.stats),
            ("GET", "/log", self.log),
            ("POST", "/relays", self.plant),
            ("DELETE", "/relays", self.remove),
            ("POST", "/sources", self.set_source),
            ("POST", "/streams", self.set_stream),
            ("POST", "/faults", self.set_faults),
            ("POST", "/clock", self.set_clock),
        ]
        return [Route(path, self._endpoint(handler), methods=[method]) for method, path, handler in table]

    def state(self, _: Fields, now: float) -> dict[str, Any]:
        """Every config held, and what is still to take effect."""
        return {
            "now": now,
            "configs": [self._config(key, config, now) for key, config in self._world.rows(now)],
            "late": [
                {
                    "due": late.due,
                    "request_id": late.request_id,
                    "op": late.change.op,
                    **_slot(late.change.key),
                }
                for late in self._world.late
            ],
            "dead_sources": [source for source in self._world.deaths if not self._world.alive(source, now)],
        }

    def stats(self, _: Fields, now: float) -> dict[str, Any]:
        """Counts since the start."""
        gateway = self._gateway
        by_action: dict[str, dict[str, int]] = {}
        for (action, code), count in gateway.journal.counts.items():
            by_action.setdefault(action, {})[code] = count
        tallies = ("repeated_creates", "permanent_created", "made_permanent")
        return {
            "requests": gateway.journal.counts.total(),
            "by_action": by_action,
            "faults": dict(gateway.struck),
            "over_quota": gateway.quota.over,
            "worst_second": gateway.quota.worst,
            "live_duplicates": self._world.duplicates(now),
            "worst_duplicates": gateway.worst_duplicates,
            **{name: gateway.journal.tallies[name] for name in tallies},
        }

    def log(self, fields: Fields, _: float) -> dict[str, Any]:
        """The lines kept in memory; ``since`` (Unix seconds) leaves out earlier ones."""
        since = fields.number("since") or 0
        return {"lines": [line for line in self._gateway.journal.lines if line["at"] >= since]}

    def plant(self, fields: Fields, now: float) -> dict[str, Any]:
        """A config that somebody else made; ``Replace`` puts it in place of what the slot holds."""
        domain, key = key_of(self._gateway.desk, fields)
        sources, span, task_id = fields.sources(), fields.span(), self._world.new_task_id()
        change = Change(Op.CREATE, key, domain, sources, *span, foreign=True, task_id=task_id)
        if fields.flag("Replace") and self._world.held(key, now):
            self._world.apply(Change(Op.DELETE, key, domain), now)
        self._world.apply(change, now)
        return {"task_id": str(change.task_id)}

    def remove(self, fields: Fields, now: float) -> dict[str, Any]:
        """A slot emptied behind the client's back."""
        domain, key = key_of(self._gateway.desk, fields)
        self._world.apply(Change(Op.DELETE, key, domain), now)
        return {}

    def set_source(self, fields: Fields, now: float) -> dict[str, Any]:
        """A source dies (``Alive`` false) or comes back."""
        self._world.set_alive(fields.text("Source"), fields.flag("Alive"), now)
        return {}

    def set_stream(self, fields: Fields, _: float) -> dict[str, Any]:
        """A stream is forbidden, or allowed again."""
        key = key_of(self._gateway.desk, fields)[1]
        change = self._world.forbidden.add if fields.flag("Forbidden") else self._world.forbidden.discard
        change(key)
        return {}

    def set_faults(self, fields: Fields, _: float) -> dict[str, Any]:
        """Other faults from now on; their dice begin anew."""
        try:
            self._gateway.set_faults(fields.texts("Faults"), fields.number("Seed") or 0)
        except ValueError as error:
            raise Refusal("InvalidParam", str(error)) from None
        return {}

    def set_clock(self, fields: Fields, _: float) -> dict[str, Any]:
        """The provider's clock runs ``Skew`` seconds ahead from now on."""
        self._gateway.skew = fields.number("Skew") or 0
        return {}

    def _config(self, key: Key, config: Config, now: float) -> dict[str, Any]:
        return _slot(key) | {
            "domain": config.domain,
            "task_id": str(config.task_id),
            "sources": list(config.sources),
            "start": config.start,
            "end": config.end,
            "foreign": config.foreign,
            "creates": config.creates,
            "state": self._gateway.air.state(key, now),
        }

    def _endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            caller = request.client.host if request.client else ""
            if not (_is_local(caller) and _is_local(request.url.hostname or "")):
                return JSONResponse(
                    {"error": "call /_emulator/ from this machine, by a loopback address"}, 403
                )
            now = self._gateway.options.now()
            self._gateway.catch_up(now)
            try:
                answer = handler(await _fields(request), now)
            except Refusal as refusal:
                return JSONResponse({"error": str(refusal)}, 400)
            if request.method != "GET":
                self._gateway.journal.write({"kind": "admin", "at": now, "act": handler.__name__})
                self._gateway.save()
            return JSONResponse(answer)

        return endpoint


async def _fields(request: Request) -> Fields:
    return (
        parse_body(await request.body()) if request.method == "POST" else Fields(dict(request.query_params))
    )


def _slot(key: Key) -> dict[str, Any]:
    return {"vhost": key.vhost, "app": key.app, "stream": key.stream}


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
