"""Who is silent, what waits too long, and what a refusal means."""

from __future__ import annotations

import pytest

from tests.build import NOW
from worker.conditions import Kind, Level
from worker.errors import Forbidden, NotFound, ProviderError, Unreachable
from worker.vitals import of_processes, of_quota, of_refusal

TICK = 5.0


def silent(**ages: float) -> list[Kind]:
    """What is said when each role was seen so many seconds ago."""
    seen = {role: [NOW - age] for role, age in ages.items()}
    return [condition.kind for condition in of_processes(seen, NOW, TICK)]


def test_while_all_make_progress_nothing_is_said() -> None:
    assert silent(tick=4, beat=3, worker=5) == []


def test_a_beat_that_is_silent_is_named_and_not_the_ticks_it_does_not_send() -> None:
    assert silent(tick=60, beat=60, worker=5) == [Kind.BEAT_SILENT]


def test_without_a_worker_the_worker_is_named() -> None:
    assert silent(tick=60, beat=3, worker=60) == [Kind.NO_WORKER]


def test_ticks_that_stop_while_both_are_there_are_a_thing_of_their_own() -> None:
    assert silent(tick=60, beat=3, worker=3) == [Kind.TICKS_STOPPED]


def test_one_of_several_is_enough() -> None:
    seen = {"tick": [NOW], "beat": [NOW - 900, NOW], "worker": [NOW, NOW - 900]}
    assert list(of_processes(seen, NOW, TICK)) == []


def test_an_empty_ledger_has_nobody() -> None:
    assert [c.kind for c in of_processes({}, NOW, TICK)] == [Kind.BEAT_SILENT, Kind.NO_WORKER]


def test_a_slow_tick_is_waited_for() -> None:
    seen = {role: [NOW - 100.0] for role in ("tick", "beat", "worker")}
    assert list(of_processes(seen, NOW, 60.0)) == []


def test_silence_is_told_within_a_minute() -> None:
    assert silent(tick=50, beat=50, worker=50) == [Kind.BEAT_SILENT, Kind.NO_WORKER]


@pytest.mark.parametrize(("waiting", "said"), [(600, []), (601, [Kind.QUOTA_EXHAUSTED])])
def test_the_quota_is_exhausted_when_what_waits_takes_more_than_a_minute(
    waiting: int, said: list[Kind]
) -> None:
    assert [c.kind for c in of_quota(waiting, per_second=10)] == said


@pytest.mark.parametrize(
    ("error", "kind", "subject"),
    [
        (Forbidden(vendor_code="RequestForbidden.BillingStatus"), Kind.BILLING, ""),
        (Forbidden(vendor_code="RequestForbidden"), Kind.DOMAIN_UNKNOWN, "d"),
        (Forbidden(vendor_code="InvalidAccessKey"), Kind.CREDENTIALS_REFUSED, ""),
        (Forbidden(vendor_code="SignatureDoesNotMatch"), Kind.CREDENTIALS_REFUSED, ""),
        (NotFound(vendor_code="ResourceNotFound"), Kind.DOMAIN_UNKNOWN, "d"),
        (Unreachable(), Kind.PROVIDER_UNREACHABLE, "d"),
    ],
)
def test_a_refusal_says_what_it_is_about(error: ProviderError, kind: Kind, subject: str) -> None:
    found = of_refusal(error, "d")
    assert (found.kind, found.subject, found.level) == (kind, subject, Level.PAGE)


def test_refused_keys_are_told_at_once_and_an_outage_only_if_it_lasts() -> None:
    assert of_refusal(Forbidden(), "d").patience == 0
    assert of_refusal(Unreachable(), "d").patience > 0


def test_what_support_will_ask_for_is_kept() -> None:
    error = Forbidden(vendor_code="AccessDenied", request_id="20261123", http_status=403)
    assert of_refusal(error, "d").facts["request_id"] == "20261123"


def test_at_the_start_of_everything_nobody_is_missed_at_once() -> None:
    assert {c.patience for c in of_processes({}, NOW, TICK)} == {40}
    assert [c.patience for c in of_processes({"worker": [NOW]}, NOW, TICK)] == [40]


def test_after_a_beat_comes_back_its_first_tick_is_waited_for() -> None:
    seen = {"tick": [NOW - 60.0], "beat": [NOW], "worker": [NOW]}
    (stopped,) = of_processes(seen, NOW, TICK)
    assert stopped.patience > 0
