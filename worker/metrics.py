"""Figures for Prometheus, computed from the ledger whenever somebody asks.

Nothing is counted in processes: whoever is asked tells the same, also after a restart. No label has more
values than this module, or the standard, lists: events, windows and streams come and go, and are not labels.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from worker import __version__
from worker.air import Air
from worker.conditions import Kind, Level
from worker.health import ALL_ROLES
from worker.ledger import Ledger
from worker.ledger.quota import Quota
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Watched
from worker.lifecycle import OPEN, State
from worker.near import Near

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_DAY: Final = 86_400
_WAITING: Final = OPEN - {State.PLACED, State.DISPLACED}


def metrics(ledger: Ledger, quota: Quota, now: float) -> bytes:
    """The text that Prometheus reads (exposition format 0.0.4). Raises ``LedgerUnavailable``."""
    registry = CollectorRegistry()
    registry.register(_Once(list(_families(ledger, quota, now))))
    return generate_latest(registry)


class _Once(Collector):
    """What was computed, as the library wants it."""

    def __init__(self, found: Collection[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        yield from self._found


def _families(ledger: Ledger, quota: Quota, now: float) -> Iterator[Metric]:
    yield _gauge("relaybeat_build_info", "Which release answers.", {(__version__,): 1.0}, ["version"])
    records = list(Near(ledger).windows(now, behind=_DAY, ahead=_DAY))
    watched = list(ledger.sightings.of(record.window.id for record in records))
    yield from chain(
        _of_windows(records, now),
        _of_sight(records, watched, now),
        _of_work(ledger, quota, now),
        _wrong(ledger),
    )


def _of_windows(records: Collection[WindowRecord], now: float) -> Iterator[Metric]:
    states = Counter(record.state for record in records)
    yield _gauge(
        "relaybeat_windows",
        "Windows from a day ago to a day ahead, by state.",
        {(state.value,): float(states[state]) for state in State},
        ["state"],
    )
    waiting = (record.window.start - now for record in records if _waits(record, now))
    yield _gauge(
        "relaybeat_next_unplaced_seconds",
        "Seconds until the next window that is due and has no relay starts; below 0 it is late, +Inf: none.",
        {(): min(waiting, default=math.inf)},
    )


def _waits(record: WindowRecord, now: float) -> bool:
    window = record.window
    comes = window.due_at <= now < window.end and not window.permanent
    return comes and record.state in _WAITING


def _of_sight(
    records: Collection[WindowRecord], watched: Collection[Watched], now: float
) -> Iterator[Metric]:
    seen: Counter[Air] = Counter()
    sources: Counter[str] = Counter()
    for record, found in zip(records, watched, strict=True):
        if found.seen and record.on_air(now):
            seen[found.seen.state] += 1
        if record.window.start > now:  # on air they are not tried again, and what counts is whether it plays
            sources.update("alive" if each.alive else "dead" for each in found.sources)
    yield _gauge(
        "relaybeat_air_windows",
        "Windows that should be on air now, by what the provider shows of them.",
        {(state.value,): float(seen[state]) for state in Air},
        ["state"],
    )
    yield _gauge(
        "relaybeat_sources",
        "Sources of windows to come, as they were tried last.",
        {(state,): float(sources[state]) for state in ("alive", "dead")},
        ["state"],
    )


def _of_work(ledger: Ledger, quota: Quota, now: float) -> Iterator[Metric]:
    last = {role: max(ledger.seen(role).values(), default=0.0) for role in ("tick", *ALL_ROLES)}
    yield _gauge(
        "relaybeat_progress_age_seconds",
        "Seconds since any process of this role made progress; +Inf: none did within a day.",
        {(role,): now - at if at else math.inf for role, at in last.items()},
        ["role"],
    )
    yield _gauge(
        "relaybeat_lag_seconds",
        "Seconds for which the oldest window that is due has waited to be handed out.",
        {(): ledger.overdue(now)},
    )
    attempts = CounterMetricFamily(
        "relaybeat_attempts", "Calls to the provider for windows, by what came of them.", labels=["outcome"]
    )
    for outcome, count in sorted(ledger.outcomes().items()):
        attempts.add_metric([outcome], count)
    yield attempts
    shared = quota.snapshot()
    yield CounterMetricFamily("relaybeat_requests", "Requests that the quota let through.", shared.granted)
    yield _gauge(
        "relaybeat_quota_requests_per_second",
        "Requests a second that the account allows.",
        {(): float(shared.per_second)},
    )
    waits = {("urgent",): float(shared.waiting_urgent), ("background",): float(shared.waiting_background)}
    yield _gauge("relaybeat_requests_waiting", "Requests that wait for the quota.", waits, ["lane"])


def _wrong(ledger: Ledger) -> Iterator[Metric]:
    found = (each.condition for each in ledger.alerts.standing() if not each.going)
    standing = Counter((each.kind, each.level) for each in found)
    yield _gauge(
        "relaybeat_conditions",
        "What is wrong now, by kind and level.",
        {(kind.value, level.name.lower()): float(standing[kind, level]) for kind in Kind for level in Level},
        ["kind", "level"],
    )


def _gauge(
    name: str, words: str, values: Mapping[Any, float], labels: list[str] | None = None
) -> GaugeMetricFamily:
    """One family; ``values`` by their labels, as a tuple."""
    family = GaugeMetricFamily(name, words, labels=labels or [])
    for told, value in values.items():
        family.add_metric(list(told), value)
    return family
