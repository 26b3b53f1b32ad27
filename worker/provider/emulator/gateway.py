"""The API's front door: each request is admitted or refused, carried out, spoiled on demand, written down."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from worker.provider.emulator import store
from worker.provider.emulator.actions import ACTIONS, VERSION, Action, Ask, Desk, Result
from worker.provider.emulator.air import Air
from worker.provider.emulator.directory import Directory
from worker.provider.emulator.faults import Fault, Kind, Plan, When, parse_faults
from worker.provider.emulator.fields import Fields, parse_body
from worker.provider.emulator.journal import Journal
from worker.provider.emulator.options import Options
from worker.provider.emulator.quota import SlidingSecond
from worker.provider.emulator.refusals import CODES, Refusal
from worker.provider.emulator.signature import SERVICE, Call, authenticate
from worker.provider.emulator.wire import respond
from worker.provider.emulator.world import Change, Late, Op, World
from worker.redact import mask_source, mask_text

_SPOILED: Final = {
    Kind.RESET: 0, Kind.CLOSE: 0, Kind.HANG: 0, Kind.CUT: 200,
    Kind.GARBAGE: 200, Kind.EMPTY: 200, Kind.HTML: 502,
}  # fmt: skip
"""Where the fault leaves no answer that can be read: the HTTP status for the log, 0 if not even that."""


@dataclass(slots=True)
class Exchange:
    """One request and what becomes of it. ``applied`` is ``None`` where there is nothing to take effect."""

    call: Call
    request_id: str
    action: str = ""
    region: str = "cn-north-1"
    fields: Fields = field(default_factory=lambda: Fields({}))
    fault: Fault | None = None
    applied: bool | str | None = None
    permanent: bool = False

    @property
    def subject(self) -> str:
        """What the request is about, for the faults' dice."""
        return "/".join(
            str(self.fields.raw(name) or "") for name in ("Domain", "Vhost", "App", "Stream", "Page")
        )


class Gateway:
    """The API as an ASGI application, with everything it knows. Made for one event loop at a time."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.world = World(options.duplicate, expire=options.expire)
        if options.state:
            store.load(self.world, options.state)
            store.save(self.world, options.state)  # a place that cannot be written to fails here, not later
        self.directory = Directory(options.domains)
        self.air = Air(self.world, options.settle)
        self.desk = Desk(self.world, self.air, self.directory, options.list_lag, options.times_as_text)
        self.journal = Journal(options.log)
        self.quota = SlidingSecond(options.quota)
        self.skew = options.clock_skew
        self.struck: Counter[str] = Counter()
        self.worst_duplicates = 0
        self.set_faults(options.faults, options.seed)
        self._run = secrets.token_hex(4).upper()
        self._serial = itertools.count(1)

    def set_faults(self, specs: tuple[str, ...], seed: int) -> None:
        """Starts the faults anew. Raises ``ValueError`` for a spec that cannot be read."""
        self.plan = Plan(parse_faults(specs, ACTIONS), seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request, whose arrival is now."""
        arrived = self.options.now()
        request = Request(scope, receive)
        path = scope.get("raw_path", b"/").partition(b"?")[0].decode("ascii")
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(arrived, request.method, path, scope["query_string"], headers, await request.body())
        response = await self.handle(call)
        await response(scope, receive, self._dated(send))

    async def handle(self, call: Call) -> Response:
        """Everything between a request and its response."""
        exchange = Exchange(call, self._request_id(call.at))
        outcome: Result | Refusal
        try:
            action = self._admit(exchange)
            fault = exchange.fault = self._draw(exchange)
            if fault and fault.kind is Kind.SLOW and fault.when is When.BEFORE:
                await asyncio.sleep(fault.seconds)
            outcome = self._carry_out(action, exchange)
        except Refusal as refusal:
            outcome = refusal
        return self._answer(exchange, outcome)

    def catch_up(self, now: float) -> None:
        """Lets everything take effect that was to do so by now, and writes down how it went."""
        changed = False
        for late in self.world.overdue(now):
            code = ""
            try:
                self._apply(late.change, late.due)
            except Refusal as refusal:
                code = refusal.code
            line = {"kind": "effect", "at": late.due, "request_id": late.request_id}
            self.journal.write(line | {"applied": not code, "code": code})
            changed = True
        if changed:
            self.save()

    def save(self) -> None:
        """Writes the relays to the state file, if there is one."""
        if self.options.state:
            store.save(self.world, self.options.state)

    def _admit(self, exchange: Exchange) -> Action:
        call = exchange.call
        exchange.action = call.parameters.get("Action", "")
        exchange.fields, unreadable = _read(call)
        action = ACTIONS.get(exchange.action)
        exchange.applied = False if action and action.change else None
        if not exchange.action or "Version" not in call.parameters:
            raise Refusal("MissingParameter", "Action and Version are required")
        exchange.region = authenticate(call, self.options.keys, call.at + self.skew)
        if not self.quota.admit(call.at):
            raise self._throttled()
        if action is None or call.parameters["Version"] != VERSION or call.path not in ("", "/"):
            raise Refusal("InvalidActionOrVersion")
        if call.method != action.method:
            raise Refusal("MethodNotAllowed", f"{exchange.action} is called with {action.method}")
        if unreadable:
            raise unreadable
        return action

    def _throttled(self) -> Refusal:
        status = self.options.throttle_status
        known = CODES["FlowLimitExceeded"].status
        return Refusal("FlowLimitExceeded" if status == known else "AccountFlowLimitExceeded", status=status)

    def _draw(self, exchange: Exchange) -> Fault | None:
        fault = self.plan.draw(exchange.action, exchange.subject)
        if fault:
            self.struck[fault.name] += 1
        return fault

    def _carry_out(self, action: Action, exchange: Exchange) -> Result:
        fault = exchange.fault
        slow = fault is not None and fault.kind is Kind.SLOW
        if fault and fault.when is When.BEFORE and not slow:
            return None
        self.catch_up(self.options.now())
        ask = Ask(exchange.fields, self.options.now(), shifted=fault is not None and fault.kind is Kind.SHIFT)
        if action.change is None:
            return action.answer(self.desk, ask) if action.answer else None
        change = action.change(self.desk, ask)
        exchange.permanent = change.makes_permanent
        delay = fault.seconds if fault and fault.when is When.LATE else self.options.effect_lag
        if delay:
            self.world.check(change, ask.at)
            self.world.defer(Late(ask.at + delay, exchange.request_id, change))
        else:
            self._apply(change, ask.at)
        exchange.applied = "late" if delay else True
        self.save()
        return {"TaskId": str(change.task_id)} if change.op is Op.CREATE else None

    def _apply(self, change: Change, at: float) -> None:
        if self.world.repeats(change, at):
            self.journal.tally("repeated_creates")
        self.world.apply(change, at)
        if change.makes_permanent:
            self.journal.tally("permanent_created" if change.op is Op.CREATE else "made_permanent")
        self.worst_duplicates = max(self.worst_duplicates, self.world.duplicates(at))

    def _answer(self, exchange: Exchange, outcome: Result | Refusal) -> Response:
        fault = exchange.fault
        if fault and fault.code:
            outcome = Refusal(fault.code, status=fault.status)
        if fault and fault.kind is Kind.NO_TASK_ID and isinstance(outcome, dict):
            outcome = {}
        error = outcome if isinstance(outcome, Refusal) else None
        status = error.status if error else 200
        self.journal.write(self._line(exchange, status, error.code if error else ""))
        metadata: dict[str, object] = {
            "RequestId": exchange.request_id, "Action": exchange.action, "Version": VERSION,
            "Service": SERVICE, "Region": exchange.region,
        }  # fmt: skip
        if error:
            number = {"CodeN": error.number} if error.number else {}
            metadata["Error"] = number | {"Code": error.code, "Message": str(error)}
        document: dict[str, object] = {"ResponseMetadata": metadata}
        if isinstance(outcome, dict):
            document["Result"] = outcome
        return respond(status, document, fault)

    def _line(self, exchange: Exchange, status: int, code: str) -> dict[str, Any]:
        fault, said = exchange.fault, exchange.fields.raw
        if fault and fault.kind in _SPOILED:
            code, status = str(fault.kind), _SPOILED[fault.kind]
        elif fault and not fault.kind and not fault.code:
            code, status = "html", fault.status
        return {
            "kind": "request", "at": exchange.call.at, "action": exchange.action,
            "domain": _shown(said("Domain")), "vhost": _shown(said("Vhost")),
            "app": _shown(said("App")), "stream": _shown(said("Stream")),
            "start": _time(exchange.fields, "StartTime"), "end": _time(exchange.fields, "EndTime"),
            "sources": _masked(said("SrcAddrS")),
            "permanent": exchange.permanent, "applied": exchange.applied,
            "code": code, "status": status, "request_id": exchange.request_id,
            "fault": fault.name if fault else "",
        }  # fmt: skip

    def _request_id(self, at: float) -> str:
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%d%H%M%S")
        return f"{stamp}{self._run}{next(self._serial):09X}"

    def _dated(self, send: Send) -> Send:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self.options.now() + self.skew, usegmt=True)
                MutableHeaders(scope=message)["Date"] = date
            await send(message)

        return dated


def _read(call: Call) -> tuple[Fields, Refusal | None]:
    """The parameters, which the log shows even of a request that is refused before they matter."""
    try:
        return (Fields(call.parameters) if call.method == "GET" else parse_body(call.body)), None
    except Refusal as refusal:
        return Fields({}), refusal


def _shown(value: object) -> object:
    """A parameter for the log, whatever its type, without secrets that strayed into it."""
    return value if value is None or isinstance(value, int) else mask_text(str(value))


def _time(fields: Fields, name: str) -> object:
    """A time for the log: a number, unless it is none."""
    try:
        return fields.number(name)
    except Refusal:
        return _shown(fields.raw(name))


def _masked(sources: object) -> list[str]:
    return [mask_source(str(source)) for source in sources] if isinstance(sources, list) else []
