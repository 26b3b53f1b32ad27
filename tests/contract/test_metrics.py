"""What Prometheus reads: well-formed, bounded, and right for ledgers of which all is known."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.desk import Desk
from tests.contract.ledgers import HOUR, LATER, ClockedLedger, claimed, event, move, plan, window
from tests.contract.stage import Stage
from worker.air import Air, Seen
from worker.conditions import Condition, Kind, Level
from worker.errors import ProviderError
from worker.ledger.alerts import Snooze
from worker.ledger.codec import Book
from worker.ledger.plans import Planned
from worker.ledger.quota import Quota
from worker.ledger.watched import Tried
from worker.lifecycle import State
from worker.metrics import metrics
from worker.provider.emulator.options import Duplicate
from worker.relay import Slot
from worker.turns import Lane, Turn

OTHER_UNITS = re.compile(
    r"(?:^|_)(?:milliseconds?|ms|minutes?|hours?|days?|secs?|sec|kilobytes?|kb|mb|percent|pct|bits?)(?:_|$)"
)
TYPES = ("gauge", "counter", "histogram", "summary")

TONIGHT = window()
AFTER = window(TONIGHT.end)
Series = tuple[str, tuple[tuple[str, str], ...]]


def text(ledger: ClockedLedger) -> str:
    return metrics(ledger, Quota(ledger.redis, per_second=10), ledger.now()).decode()


def families(ledger: ClockedLedger) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text(ledger))}


def series(ledger: ClockedLedger) -> dict[Series, float]:
    """Every value by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families(ledger).values()
        for sample in family.samples
    }


def value(ledger: ClockedLedger, name: str, **labels: str) -> float:
    return series(ledger)[f"relaybeat_{name}", tuple(sorted(labels.items()))]


def lint(said: str) -> Iterator[str]:
    """What ``promtool check metrics`` would complain of, and the naming guide of its authors."""
    helped, typed = (
        re.findall(r"^# HELP (\S+) \S", said, re.M),
        re.findall(r"^# TYPE (\S+) (\S+)$", said, re.M),
    )
    if helped != [name for name, _ in typed]:
        yield "HELP and TYPE do not go together"
    for name, kind in typed:
        if not re.fullmatch(r"relaybeat_[a-z]+(_[a-z]+)*", name):
            yield f"{name} is no name of ours"
        if (kind == "counter") != name.endswith("_total"):
            yield f"{name}: counters end in _total, and nothing else does"
        if OTHER_UNITS.search(name) or any(word in name.split("_") for word in TYPES):
            yield f"{name} names a unit that is no base unit, or its type"
    names = {line.partition("{")[0].partition(" ")[0] for line in said.splitlines() if line[:1] != "#"}
    yield from (f"{name} has no TYPE" for name in names - dict(typed).keys())


def seen(state: Air) -> Seen:
    return Seen(state=state, since=LATER, at=LATER)


def busy(ledger: ClockedLedger) -> None:
    """A ledger with something in every figure."""
    plan(ledger, TONIGHT, AFTER)
    ledger.sightings.note_air({TONIGHT: seen(Air.ON_AIR)})
    dark = Condition(kind=Kind.DARK, level=Level.PAGE, scope="air:d", subject=TONIGHT.id)
    ledger.alerts.judge({"air:d": [dark]}, ledger.now())


@pytest.mark.parametrize("filled", [False, True])
def test_the_text_is_as_prometheus_wants_it(ledger: ClockedLedger, filled: bool) -> None:
    if filled:
        busy(ledger)
    assert list(lint(text(ledger))) == []


def test_no_series_is_told_twice(ledger: ClockedLedger) -> None:
    busy(ledger)
    told = Counter(
        (sample.name, *sorted(sample.labels.items()))
        for family in families(ledger).values()
        for sample in family.samples
    )
    assert set(told.values()) == {1}


def test_an_empty_ledger_tells_of_everything_but_attempts_already(ledger: ClockedLedger) -> None:
    empty = series(ledger)
    busy(ledger)
    assert empty.keys() == series(ledger).keys()


def test_events_and_windows_come_without_new_series(ledger: ClockedLedger) -> None:
    busy(ledger)
    few = series(ledger).keys()
    for n in range(100):
        named = f"show-{n}"
        slot = Slot(f"pull-{n % 7}.example.com", "live", named)
        shown = [window(LATER + k * HOUR, event=named, slot=slot, title=f"Show {n}") for k in range(3)]
        ledger.plans.put([(event(named, stream=named), "1")], file="events.yaml")
        ledger.plans.write([Planned(named, "1", shown, LATER + 8 * 86_400, None)], now=LATER, by="planner")
    assert sum(v for (name, _), v in series(ledger).items() if name == "relaybeat_windows") == 302
    assert series(ledger).keys() == few


@pytest.mark.parametrize("play", [Duplicate.REFUSE], indirect=True)
def test_the_outcomes_of_attempts_are_words_of_a_list(play: Stage) -> None:
    codes = {each.code for each in ProviderError.__subclasses__()}
    play.fail("Create:CommonErr:x1", "Create:reset:x1", "Create:InvalidParam:x1", "Create:429:x1")
    play.plan(TONIGHT, window(TONIGHT.end + 2 * HOUR))
    play.settle(LATER + 600)
    told = {dict(labels)["outcome"] for labels, _ in of("attempts_total", play.ledger)}
    assert len(told) > 2
    assert told <= codes | {"ok"}


@pytest.mark.parametrize("state", sorted(set(State) - {State.PLACING, State.DISPLACED, State.CANCELLED}))
def test_windows_are_counted_by_state(ledger: ClockedLedger, state: State) -> None:
    plan(ledger, TONIGHT)
    bring(ledger, state)
    assert {labels[0][1]: v for labels, v in of("windows", ledger)} == {
        each.value: float(each == state) for each in State
    }


def of(name: str, ledger: ClockedLedger) -> list[tuple[tuple[tuple[str, str], ...], float]]:
    return [(labels, v) for (told, labels), v in series(ledger).items() if told == f"relaybeat_{name}"]


def bring(ledger: ClockedLedger, state: State) -> None:
    """What attempts would do, each after what has to come before it."""
    desk = Desk(ledger)
    if state is State.REMOVED:
        desk.bring(TONIGHT, State.PLACED, placed_at=str(ledger.now()))
    if state is not State.PLANNED:
        desk.bring(TONIGHT, state)


def test_windows_of_the_week_are_not_counted(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, window(LATER + 86_400), window(LATER - 90_000))
    assert value(ledger, "windows", state="planned") == 1


def test_the_next_window_without_a_relay_is_told_in_seconds(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, AFTER)
    assert value(ledger, "next_unplaced_seconds") == HOUR


def test_a_window_that_is_late_counts_below_zero_until_it_is_over(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    ledger.clock.at = TONIGHT.start + 90.0
    assert value(ledger, "next_unplaced_seconds") == -90
    ledger.clock.at = float(TONIGHT.end)
    assert value(ledger, "next_unplaced_seconds") == math.inf


def test_what_is_placed_not_due_yet_or_permanent_is_no_next_window(ledger: ClockedLedger) -> None:
    later = window(LATER + 7_200, lead=600)
    plan(ledger, later, replace(AFTER, id="news@permanent", permanent=True))
    assert value(ledger, "next_unplaced_seconds") == math.inf
    ledger.clock.at = later.due_at
    assert value(ledger, "next_unplaced_seconds") == 600
    Desk(ledger).bring(later, State.PLACED)
    assert value(ledger, "next_unplaced_seconds") == math.inf


@pytest.mark.parametrize("play", [Duplicate.REFUSE], indirect=True)
def test_a_call_that_serves_two_windows_is_one_attempt(play: Stage) -> None:
    play.plan(TONIGHT, AFTER)
    play.settle(LATER + 60)
    assert play.writes == ["Create"]
    assert value(play.ledger, "attempts_total", outcome="ok") == 1


@pytest.mark.parametrize("play", [Duplicate.REFUSE], indirect=True)
def test_attempts_are_counted_by_what_came_of_them(play: Stage) -> None:
    play.fail("Create:InvalidParam:x1:before")
    play.plan(TONIGHT)
    play.settle(LATER + 60)
    assert value(play.ledger, "attempts_total", outcome="invalid") == 1


def test_a_result_that_is_sent_twice_counts_once(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    claim = claimed(ledger, TONIGHT)
    line = '{"kind":"attempt","outcome":"ok"}'
    done = replace(move(TONIGHT, State.PLACED, TONIGHT.end), calls=(line,))
    for _ in range(2):
        ledger.slots.finish(claim, Book(), [done], now=ledger.now())
    assert value(ledger, "attempts_total", outcome="ok") == 1


def test_the_age_of_progress_is_that_of_the_latest_of_a_role(ledger: ClockedLedger) -> None:
    ledger.saw("worker", "a:1", LATER - 50.0)
    ledger.saw("worker", "b:1", LATER - 7.0)
    ledger.saw("tick", "a:1", LATER - 3.0)
    assert value(ledger, "progress_age_seconds", role="worker") == 7
    assert value(ledger, "progress_age_seconds", role="tick") == 3
    assert value(ledger, "progress_age_seconds", role="watch") == math.inf


def test_the_lag_is_how_long_the_oldest_due_window_waits(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    ledger.clock.advance(40)
    assert value(ledger, "lag_seconds") == pytest.approx(40, abs=1)
    ledger.hand_out(now=ledger.now(), capacity=10, redeliver=15)
    assert value(ledger, "lag_seconds") == 0


def test_the_quota_and_what_it_let_through_are_told(ledger: ClockedLedger) -> None:
    quota = Quota(ledger.redis, per_second=10)
    for _ in range(3):
        with quota(Turn(Lane.URGENT, 1.0)):
            pass
    assert value(ledger, "requests_total") == 3
    assert value(ledger, "quota_requests_per_second") == 10
    assert value(ledger, "requests_waiting", lane="urgent") == 0


def test_what_should_be_on_air_is_counted_by_what_is_seen_of_it(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, AFTER)
    Desk(ledger).bring(TONIGHT, State.PLACED)
    dark, over = seen(Air.DARK), seen(Air.ON_AIR)
    ledger.sightings.note_air({TONIGHT: dark, AFTER: over})
    ledger.clock.at = TONIGHT.start + 60.0
    assert value(ledger, "air_windows", state="dark") == 1
    assert value(ledger, "air_windows", state="on_air") == 0


def test_sources_are_counted_as_they_answered_last(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    tried = [Tried(source=f"rtmp://{name}/", alive=name != "c", at=LATER) for name in "abc"]
    ledger.sightings.note_sources({TONIGHT: tried})
    assert (value(ledger, "sources", state="alive"), value(ledger, "sources", state="dead")) == (2, 1)


def test_sources_are_not_counted_once_the_window_has_begun(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    ledger.sightings.note_sources({TONIGHT: [Tried(source="rtmp://a/", alive=False, at=LATER)]})
    ledger.clock.at = float(TONIGHT.start)
    assert value(ledger, "sources", state="dead") == 0


def test_what_is_wrong_is_counted_by_kind_and_level_also_where_it_is_snoozed(ledger: ClockedLedger) -> None:
    ledger.alerts.snooze(Snooze(target="*", until=LATER + 600, by="li", reason="works"))
    page = Condition(kind=Kind.DARK, level=Level.PAGE, scope="air:d", subject="news@1")
    ledger.alerts.judge({"air:d": [page, replace(page, level=Level.WARN, subject="film@1")]}, ledger.now())
    assert value(ledger, "conditions", kind="dark", level="page") == 1
    assert value(ledger, "conditions", kind="dark", level="warn") == 1
    assert sum(v for _, v in of("conditions", ledger)) == 2


def test_what_was_not_found_any_more_is_not_counted_though_it_may_come_back(ledger: ClockedLedger) -> None:
    busy(ledger)
    ledger.alerts.judge({"air:d": []}, ledger.now() + 5)
    assert len(ledger.alerts.standing()) == 1
    assert value(ledger, "conditions", kind="dark", level="page") == 0


def test_every_state_air_and_kind_is_a_value_from_the_start(ledger: ClockedLedger) -> None:
    told = series(ledger).keys()
    assert {dict(labels)["state"] for name, labels in told if name == "relaybeat_windows"} == {*State}
    assert {dict(labels)["state"] for name, labels in told if name == "relaybeat_air_windows"} == {*Air}
    assert {dict(labels)["kind"] for name, labels in told if name == "relaybeat_conditions"} == {*Kind}
