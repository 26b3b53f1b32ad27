"""Volcengine Live, and everything that speaks like it, as a :class:`~worker.provider.Provider`.

The gate is entered for each HTTP request, a list's pages and a repaired repetition included, because each
counts against the account's quota. Nothing is ever repeated here except a request that the provider refused
for its time or its keys, once: such a request was not executed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import httpx

from worker.errors import ClockSkewed, ConfigError, Forbidden, OutcomeUnknown
from worker.provider import Answer, DomainInfo, LiveStream, Sample, StreamState
from worker.provider.classify import HINTS, OK, Reply, Success, TooLong, read_reply, task_id
from worker.provider.roll import RollCall
from worker.provider.rows import (
    Key,
    Malformed,
    Page,
    domain_page,
    live_page,
    relay_page,
    samples,
    stream_state,
)
from worker.provider.signing import VolcAuth
from worker.provider.wire import Call, Wire
from worker.relay import PERMANENT, Relay, Row, Slot
from worker.settings import Credentials
from worker.turns import Gate, Turn

PAGE: Final = 500
"""Rows on a page: the most that ListRelaySourceV4 gives."""

SMALL_PAGE: Final = 50
"""Rows on a page where 500 make an answer that is longer than we read."""

MOST_PAGES: Final = 200
"""Pages that one list may cost: more would take longer than the list is good for."""

Item = TypeVar("Item")


@dataclass(eq=False)
class Cloud:
    """The provider over HTTP. One instance serves all threads of a process, and the children it forks.

    ``credentials`` may be a callable: it is asked once, and again when the provider refuses the keys, so
    that rotated key files are found without a restart. ``key_field`` is the request field that names the
    domain: Domain, Vhost or both. ``timeout``: seconds for one HTTP request, in all. ``now`` gives an aware
    datetime, ``stopwatch`` seconds that only grow. ``transport`` replaces the network.

    ``skew_seconds`` is how far the provider's clock was ahead of ours (to a second, by the Date of its
    latest answer); ``None`` before one. A request refused for its time is signed anew, once, with the clock
    corrected by it, whatever its size; later requests keep the correction. Whether to act at all with a
    clock that wrong is for those who read ``skew_seconds``.
    """

    url: str
    credentials: Credentials | Callable[[], Credentials] = field(repr=False)
    _: KW_ONLY
    gate: Gate = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    stopwatch: Callable[[], float] = field(repr=False)
    region: str = "cn-north-1"
    key_field: str = "Domain"
    timeout: float = 15.0
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)
    skew_seconds: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._wire = Wire(self.timeout, self.stopwatch, self.transport)
        self._key: Key = "Vhost" if self.key_field == "Vhost" else "Domain"
        self._keys: Credentials | None = None
        self._correction = 0.0

    def close(self) -> None:
        """Gives back the thread and the connections; a later call starts them again."""
        self._wire.close()

    def create(self, relay: Relay, *, turn: Turn) -> Answer:
        """CreateRelaySourceV4. Succeeds only if a TaskId came back."""
        return self._act("CreateRelaySourceV4", self._config(relay), turn, relay.sources)

    def update(self, relay: Relay, *, turn: Turn) -> Answer:
        """UpdateRelaySourceV4: the slot's relay becomes ``relay``."""
        return self._act("UpdateRelaySourceV4", self._config(relay), turn, relay.sources)

    def delete(self, slot: Slot, *, turn: Turn) -> Answer:
        """DeleteRelaySourceV4. ``NotFound`` says that there was nothing, or no such domain."""
        return self._act("DeleteRelaySourceV4", self._place(slot), turn)

    def list(self, domain: str, *, turn: Turn) -> tuple[Row, ...]:
        """ListRelaySourceV4, whole, as it was at one instant; ``OutcomeUnknown`` if it never held still."""
        try:
            return self._relays(domain, PAGE, turn)
        except TooLong:
            return self._relays(domain, SMALL_PAGE, turn)

    def stream_state(self, slot: Slot, *, turn: Turn) -> StreamState:
        """DescribeLiveStreamState. It takes either Domain or Vhost, never both."""
        query = {self._key: slot.domain, "App": slot.app, "Stream": slot.stream}
        return self._ask(Call("DescribeLiveStreamState", query), turn, stream_state)

    def live_streams(self, domain: str, *, turn: Turn) -> tuple[LiveStream, ...]:
        """DescribeLiveStreamInfoByPage: what is pulled now; not a snapshot."""

        def page(number: int) -> Page[LiveStream]:
            query: dict[str, str | int] = {self._key: domain}
            query |= {"SourceType": "relay", "PageNum": number, "PageSize": PAGE}
            call = Call("DescribeLiveStreamInfoByPage", query)
            return self._ask(call, turn, lambda result: live_page(result, self._key))

        return _union(_pages(page, PAGE, "DescribeLiveStreamInfoByPage"))

    def metrics(self, slot: Slot, start: int, end: int, *, turn: Turn) -> tuple[Sample, ...]:
        """DescribeLiveSourceStreamMetrics, which knows no Vhost: the slot's domain must be a domain."""
        place = {"Domain": slot.domain, "App": slot.app, "Stream": slot.stream}
        body = {**place, "StartTime": _rfc3339(start), "EndTime": _rfc3339(end)}
        return self._ask(Call("DescribeLiveSourceStreamMetrics", {}, body), turn, samples)

    def domains(self, *, turn: Turn) -> tuple[DomainInfo, ...]:
        """ListDomainDetail: every domain of the account."""

        def page(number: int) -> Page[DomainInfo]:
            call = Call("ListDomainDetail", {}, {"PageNum": number, "PageSize": PAGE})
            return self._ask(call, turn, domain_page)

        return _union(_pages(page, PAGE, "ListDomainDetail"))

    def _relays(self, domain: str, size: int, turn: Turn) -> tuple[Row, ...]:
        roll = RollCall(size)
        for _ in range(MOST_PAGES):
            body = {**self._named(domain), "Page": roll.next_page, "Size": size}
            call = Call("ListRelaySourceV4", {}, body)
            page = self._ask(call, turn, lambda result: relay_page(result, self._key))
            if (rows := roll.hear(page)) is not None:
                return rows
            if roll.given_up:
                raise _no_sense("ListRelaySourceV4", "the list kept moving while it was read")
        raise _too_many("ListRelaySourceV4")

    def _config(self, relay: Relay) -> dict[str, Any]:
        """Times are sent as integers, as the documents' table has them; their samples show strings.

        The table also has an error for a wrong type, and official clients model the times as integers.
        """
        config = {**self._place(relay.slot), "SrcAddrS": [*relay.sources]}
        if relay.times is PERMANENT:
            return config
        return {**config, "StartTime": relay.times.start, "EndTime": relay.times.end}

    def _place(self, slot: Slot) -> dict[str, Any]:
        return {**self._named(slot.domain), "App": slot.app, "Stream": slot.stream}

    def _named(self, domain: str) -> dict[str, Any]:
        fields = ("Domain", "Vhost") if self.key_field == "both" else (self._key,)
        return dict.fromkeys(fields, domain)

    def _act(self, action: str, body: Mapping[str, Any], turn: Turn, hide: tuple[str, ...] = ()) -> Answer:
        success = self._call(Call(action, {}, body), turn, hide)
        return Answer(success.request_id, OK, success.seconds, task_id(success))

    def _ask(self, call: Call, turn: Turn, read: Callable[[Mapping[str, Any]], Item]) -> Item:
        success = self._call(call, turn)
        try:
            return read(success.result)
        except Malformed as error:
            raise _no_sense(call.action, f"the answer makes no sense: {error}", success.request_id) from None

    def _call(self, call: Call, turn: Turn, hide: tuple[str, ...] = ()) -> Success:
        keys = self._keys = self._keys or self._read_keys()
        try:
            return self._send(call, turn, keys, hide)
        except ClockSkewed:
            if self.skew_seconds is None:
                raise
            self._correction = self.skew_seconds
        except Forbidden:
            fresh = self._other_keys(keys)
            if fresh is None:
                raise
            keys = fresh
        return self._send(call, turn, keys, hide)

    def _send(self, call: Call, turn: Turn, keys: Credentials, hide: tuple[str, ...]) -> Success:
        hidden = (keys.access_key, keys.secret_key, keys.session_token, *hide)
        auth = VolcAuth(
            keys.access_key, keys.secret_key, keys.session_token, region=self.region, now=self._signing_time
        )
        announced: list[float] = []

        def announce() -> None:
            announced.append(self.stopwatch())
            turn.announce()

        with self.gate(replace(turn, announce=announce)):
            since = announced[-1] if announced else self.stopwatch()
            reply = self._wire.send(self.url, call, auth, hidden, since=since)
        self._observe(reply)
        return read_reply(call.action, reply, hidden)

    def _signing_time(self) -> datetime:
        return self.now() + timedelta(seconds=self._correction)

    def _observe(self, reply: Reply) -> None:
        try:
            theirs = parsedate_to_datetime(reply.headers.get("Date", ""))
            self.skew_seconds = (theirs - self.now()).total_seconds()
        except (ValueError, TypeError):  # no Date, not a date, or one without a zone
            return

    def _read_keys(self) -> Credentials:
        keys = self.credentials if isinstance(self.credentials, Credentials) else self.credentials()
        if not all(
            text.isascii() and text.isprintable() and " " not in text
            for text in (keys.access_key, keys.secret_key, keys.session_token)
        ):
            raise Forbidden(
                "the keys hold characters that no key has", hint="check the files they are read from"
            )
        return keys

    def _other_keys(self, refused: Credentials) -> Credentials | None:
        try:
            fresh = self._keys = self._read_keys()
        except (ConfigError, Forbidden):  # being replaced this moment: what the provider said counts
            return None
        return fresh if fresh != refused else None


def _pages(read: Callable[[int], Page[Item]], size: int, action: str) -> tuple[Page[Item], ...]:
    pages: tuple[Page[Item], ...] = ()
    for number in range(1, MOST_PAGES + 1):
        pages += (read(number),)
        here, seen = len(pages[-1].items), sum(len(page.items) for page in pages)
        if here == 0 or (here < size and seen >= pages[-1].total):
            return pages
    raise _too_many(action)


def _too_many(action: str) -> OutcomeUnknown:
    return _no_sense(action, f"the list was not whole after {MOST_PAGES} pages")


def _union(pages: tuple[Page[Item], ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(item for page in pages for item in page.items))


def _no_sense(action: str, words: str, request_id: str = "") -> OutcomeUnknown:
    hint = HINTS[OutcomeUnknown]
    return OutcomeUnknown(
        f"{action}: {words}", action=action, http_status=OK, request_id=request_id, hint=hint
    )


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
