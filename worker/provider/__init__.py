"""What Relaybeat asks of a provider: one protocol, implemented by :mod:`.cloud` and driven by attempts.

Every method takes the caller's :class:`~worker.turns.Turn`, because every request costs quota, and
raises a :class:`~worker.errors.ProviderError` whose class says what may be done next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from worker.relay import Relay, Row, Slot
from worker.turns import Turn


@dataclass(frozen=True, slots=True)
class Answer:
    """What a successful call said of itself, for the window's record of attempts.

    ``task_id`` is given by create alone; ``seconds`` is how long the call took once it was let through.
    """

    request_id: str
    http_status: int
    seconds: float
    task_id: str = ""


@dataclass(frozen=True, slots=True)
class StreamState:
    """DescribeLiveStreamState: ``state`` is online, offline or forbidden; ``kind`` push or pull."""

    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class LiveStream:
    """One row of DescribeLiveStreamInfoByPage: a stream that is on air now; ``since`` in Unix seconds."""

    slot: Slot
    source_type: str
    since: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Thirty seconds of DescribeLiveSourceStreamMetrics; ``at`` in Unix seconds, ``bitrate`` in kbit/s."""

    at: float
    framerate: float
    bitrate: float


@dataclass(frozen=True, slots=True)
class DomainInfo:
    """One row of ListDomainDetail; ``status`` 0 is normal."""

    domain: str
    vhost: str
    kind: str
    status: int


class Provider(Protocol):
    """The provider's calls that Relaybeat uses; each raises ``ProviderError``."""

    def create(self, relay: Relay, *, turn: Turn) -> Answer:
        """CreateRelaySourceV4. Succeeds only if a TaskId came back."""
        ...

    def update(self, relay: Relay, *, turn: Turn) -> Answer:
        """UpdateRelaySourceV4: the slot's relay becomes ``relay``."""
        ...

    def delete(self, slot: Slot, *, turn: Turn) -> Answer:
        """DeleteRelaySourceV4: the slot holds nothing any more."""
        ...

    def list(self, domain: str, *, turn: Turn) -> tuple[Row, ...]:
        """ListRelaySourceV4, every page; read again when the total moves while paging."""
        ...

    def stream_state(self, slot: Slot, *, turn: Turn) -> StreamState:
        """DescribeLiveStreamState: is it on air now?"""
        ...

    def live_streams(self, domain: str, *, turn: Turn) -> tuple[LiveStream, ...]:
        """DescribeLiveStreamInfoByPage, every page, relayed streams only."""
        ...

    def metrics(self, slot: Slot, start: int, end: int, *, turn: Turn) -> tuple[Sample, ...]:
        """DescribeLiveSourceStreamMetrics between two Unix seconds, a day at most."""
        ...

    def domains(self, *, turn: Turn) -> tuple[DomainInfo, ...]:
        """ListDomainDetail, every page."""
        ...
