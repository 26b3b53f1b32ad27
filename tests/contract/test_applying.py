"""A file applied to a real ledger: all that was shown, nothing else, and never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract.desk import Desk, nightly
from tests.contract.ledgers import HOUR, LATER, ClockedLedger, dump, event
from tests.programmes import NIGHTS, files, nights, read
from worker.applying import Plan, Source, apply_plan, check, plan_file
from worker.errors import Refused
from worker.events.model import Deviation, Event, Occasion, WallTime
from worker.ledger.records import WindowRecord
from worker.ledger.revisions import REVISIONS_KEPT, Revision, Touched
from worker.lifecycle import OPEN, State
from worker.planner import Difference, Planner
from worker.slots import last_useful
from worker.windows import Window, expand

DAY = 86_400
HORIZON = 3 * DAY
SHANGHAI_NOON = LATER - LATER % DAY + DAY + 4 * HOUR
SOURCE = Source("events.yaml", "5a5a", "ann@desk", "autumn plan")


def planner(ledger: ClockedLedger) -> Planner:
    return Planner(ledger, HORIZON)


def plan(ledger: ClockedLedger, *events: Event, prune: bool = False) -> Plan:
    return plan_file(planner(ledger), events, now=ledger.now(), prune=prune)


def apply(ledger: ClockedLedger, *events: Event, prune: bool = False) -> Revision | None:
    found = plan(ledger, *events, prune=prune)
    return None if found.empty else apply_plan(planner(ledger), found, SOURCE, now=ledger.now())


def stray(ledger: ClockedLedger) -> list[Difference]:
    """Where the ledger differs from what its own events mean by now."""
    planned = planner(ledger)
    programmes = planned.programmes(r.event for r in ledger.plans.events() if r.in_file)
    return [d for each in programmes for d in planned.differences(each, ledger.now())]


def records(ledger: ClockedLedger) -> list[WindowRecord]:
    return [*ledger.reading.windows(ledger.plans.ids(), float("-inf"), float("inf"))]


def to_come(ledger: ClockedLedger) -> list[Window]:
    """The windows of the ledger that are still wanted."""
    now = ledger.now()
    found = (r.window for r in records(ledger) if r.state in OPEN and now <= last_useful(r.window))
    return sorted(found, key=lambda window: window.id)


def meant(ledger: ClockedLedger, events: Sequence[Event]) -> list[Window]:
    """What these events mean, from now to the horizon."""
    now = ledger.now()
    found = (w for each in events for w in expand(each, int(now) - 40 * DAY, int(now) + HORIZON + 1))
    return sorted((w for w in found if now <= last_useful(w)), key=lambda window: window.id)


def fresh(ledger: ClockedLedger, zone: str) -> None:
    ledger.redis.flushall()
    ledger.clock.at = NIGHTS[zone].timestamp() + 0.25


real = settings(
    deadline=None,
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink one takes minutes of round trips
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@real
@given(data=st.data(), zone=nights)
def test_after_an_apply_there_is_nothing_to_plan_then_and_later(
    ledger: ClockedLedger, data: Any, zone: str
) -> None:
    fresh(ledger, zone)
    events = read(data.draw(files(zone)))
    apply(ledger, *events)
    assert to_come(ledger) == meant(ledger, events)
    for passing in (0.0, 5.0, 3_600.0, 20_000.0):
        ledger.clock.advance(passing)
        planner(ledger).tick(ledger.now(), by="beat")
        assert (plan(ledger, *events).empty, stray(ledger)) == (True, [])


@real
@given(data=st.data(), zone=nights)
def test_a_file_that_is_edited_and_put_back_leaves_what_it_meant(
    ledger: ClockedLedger, data: Any, zone: str
) -> None:
    fresh(ledger, zone)
    first, second = (read(data.draw(files(zone))) for _ in range(2))
    for events in (first, second, first, second):
        over = {each.window.id for each in records(ledger) if each.window.end <= ledger.now()}
        apply(ledger, *events, prune=data.draw(st.booleans()))
        ids = {each.id for each in events}
        wanted = [w for w in meant(ledger, events) if w.id not in over]  # what is over does not begin again
        assert [w for w in to_come(ledger) if w.event in ids] == wanted
        assert (plan(ledger, *events).empty, stray(ledger)) == (True, [])
        ledger.clock.advance(data.draw(st.sampled_from([0.0, 60.0, 4_000.0])))
        planner(ledger).tick(ledger.now(), by="beat")


@real
@given(data=st.data(), zone=nights)
def test_an_apply_does_what_the_plan_showed_and_leaves_the_past_alone(
    ledger: ClockedLedger, data: Any, zone: str
) -> None:
    fresh(ledger, zone)
    apply(ledger, *read(data.draw(files(zone))))
    ledger.clock.advance(data.draw(st.sampled_from([0.0, 4_000.0, 90_000.0])))
    planner(ledger).tick(ledger.now(), by="beat")
    before = {record.window.id: record for record in records(ledger)}
    events = read(data.draw(files(zone)))
    shown = plan(ledger, *events)
    apply_plan(planner(ledger), shown, SOURCE, now=ledger.now())
    after = {record.window.id: record for record in records(ledger)}
    changed = {each for each in after if after[each] != before.get(each)}
    assert changed == {d.window.id for d in shown.differences}
    assert all(record.window.end > ledger.now() for each, record in before.items() if each in changed)


# Example by example.


@pytest.fixture
def desk(ledger: ClockedLedger) -> Desk:
    """At half past three in the afternoon, by the clock of the nightly show."""
    ledger.clock.at = float(SHANGHAI_NOON + 3.5 * HOUR)
    return Desk(ledger)


def on(day: int, **changes: Any) -> Deviation:
    """An exception so many days from the day at hand."""
    date = datetime.fromtimestamp(SHANGHAI_NOON + day * DAY, UTC).date()
    return Deviation(on=Occasion(date), reason="gala", **changes)


def test_a_show_that_is_over_is_not_begun_again_by_making_it_longer(desk: Desk) -> None:
    desk.ledger.clock.advance(-2 * HOUR)
    apply(desk.ledger, event("talk", crons=("0 14 * * *",), duration=HOUR))
    desk.ledger.clock.advance(2 * HOUR)
    before = {record.window.id: record.window for record in records(desk.ledger)}
    longer = event("talk", crons=("0 14 * * *",), duration=3 * HOUR)
    over = min(before)
    assert over not in {d.window.id for d in plan(desk.ledger, longer).differences}
    apply(desk.ledger, longer)
    assert {r.window.id: r.window for r in records(desk.ledger)}[over] == before[over]


def test_a_file_that_was_applied_before_is_no_revision(desk: Desk) -> None:
    first = apply(desk.ledger, nightly())
    before = dump(desk.ledger)
    assert (first and first.number, apply(desk.ledger, nightly())) == (1, None)
    assert dump(desk.ledger) == before


def test_a_revision_tells_who_applied_what_and_why_and_what_it_touched(desk: Desk) -> None:
    apply(desk.ledger, nightly(), event("talk"))
    apply(desk.ledger, nightly(title="Late news", exceptions=(on(1, cancel=True),)))
    newest, oldest = desk.ledger.revisions.all()
    assert (newest.number, oldest.number) == (2, 1)
    assert (newest.by, newest.reason, newest.sha256, newest.at) == (
        "ann@desk",
        "autumn plan",
        "5a5a",
        desk.ledger.now(),
    )
    assert newest.events == (Touched("news", "changed", 0, 2, 1), Touched("talk", "left"))
    assert (newest.added, newest.changed, newest.removed) == (0, 2, 1)


def test_a_windows_history_names_the_revision_that_changed_it(desk: Desk) -> None:
    apply(desk.ledger, nightly())
    apply(desk.ledger, nightly(title="Late news"))
    assert desk.ledger.reading.log(desk.window().id)[-1]["by"] == "ann@desk, revision 2"


def test_of_two_people_who_apply_at_once_the_second_is_told(desk: Desk) -> None:
    apply(desk.ledger, nightly())
    mine, theirs = plan(desk.ledger, nightly(title="Mine")), plan(desk.ledger, nightly(title="Theirs"))
    apply_plan(desk.planner, theirs, SOURCE, now=desk.ledger.now())
    with pytest.raises(Refused, match="meanwhile"):
        apply_plan(desk.planner, mine, replace(SOURCE, by="bob@desk"), now=desk.ledger.now())
    assert desk.window().title == "Theirs"


def test_a_revision_that_is_sent_twice_is_one(ledger: ClockedLedger) -> None:
    revision = Revision(number=1, at=1.5, by="ann", file="events.yaml", sha256="5a")
    assert (ledger.revisions.note(revision), ledger.revisions.note(revision)) == (True, True)
    assert list(ledger.revisions.all()) == [revision]


def test_the_newest_revisions_are_kept_under_their_numbers(ledger: ClockedLedger) -> None:
    for n in range(1, REVISIONS_KEPT + 4):
        ledger.revisions.note(Revision(number=n, at=float(n), by="ann", file="events.yaml", sha256="5a"))
    found = list(ledger.revisions.all())
    assert (len(found), found[0].number, found[-1].number) == (REVISIONS_KEPT, REVISIONS_KEPT + 3, 4)
    assert all(each.at == each.number for each in found)


def test_what_people_say_is_in_the_log_of_words(desk: Desk) -> None:
    desk.apply(nightly())
    desk.say("cancel", desk.window(1).id)
    desk.say("pause", "news")
    assert [(each.about, each.action, each.by, each.why) for each in desk.ledger.revisions.words()] == [
        ("news", "event.paused", "ann@desk", "strike"),
        (desk.window(1).id, "window.cancelled", "ann@desk", "strike"),
    ]


def test_last_weeks_exception_is_edited_and_nothing_happens(desk: Desk) -> None:
    apply(desk.ledger, nightly(exceptions=(on(-7, cancel=True),)))
    shown = plan(desk.ledger, nightly(exceptions=(on(-7, start=WallTime(21 * HOUR)),)))
    assert shown.differences == ()


def test_a_time_that_is_edited_to_one_that_has_passed_calls_tonight_off_and_places_nothing(
    desk: Desk,
) -> None:
    apply(desk.ledger, nightly())
    tonight = desk.window()
    shown = plan(desk.ledger, nightly(crons=("0 9 * * *",)))
    assert [d.kind for d in shown.differences if d.window.start < desk.ledger.now()] == []
    apply(desk.ledger, nightly(crons=("0 9 * * *",)))
    assert desk.ledger.reading.window(tonight.id).state is State.CANCELLED
    assert min(w.start for w in to_come(desk.ledger)) > desk.ledger.now()


def test_a_show_that_waits_to_be_placed_late_is_not_placed_as_it_was_before_the_edit(desk: Desk) -> None:
    apply(desk.ledger, nightly())
    tonight = desk.window()
    desk.ledger.clock.at = float(tonight.start + HOUR)
    shorter = nightly(duration=HOUR + 300)
    first = plan(desk.ledger, shorter).differences[0]
    assert (first.kind, first.window.id) == ("change", tonight.id)
    apply(desk.ledger, shorter)
    assert desk.ledger.reading.window(tonight.id).window.end == tonight.start + HOUR + 300


def test_an_event_that_left_the_file_keeps_its_windows_and_is_told_of_each_time(desk: Desk) -> None:
    apply(desk.ledger, nightly(), event("talk"))
    before = [record.window for record in desk.windows("talk")]
    gone = plan(desk.ledger, nightly())
    assert ([e.id for e in gone.left], gone.differences, gone.empty) == (["talk"], (), False)
    apply(desk.ledger, nightly())
    again = plan(desk.ledger, nightly())
    assert ([e.id for e in again.kept], again.left, again.empty) == (["talk"], (), True)
    assert [r.window for r in desk.windows("talk") if r.state in OPEN] == before


@pytest.mark.parametrize(("most", "refused"), [(None, True), (72, True), (73, False)])
def test_pruning_stops_at_the_cap(desk: Desk, most: int | None, refused: bool) -> None:
    apply(desk.ledger, nightly(), event("talk"))
    shown = plan(desk.ledger, nightly(), prune=True)
    assert (shown.lost, shown.coming) == (73, 76)
    if refused:
        with pytest.raises(Refused, match="would remove 73 of 76"):
            check(shown, most=most, force=False)
    else:
        check(shown, most=most, force=False)


def test_an_event_that_comes_back_to_its_file_unchanged_is_planned_on(desk: Desk) -> None:
    apply(desk.ledger, nightly())
    apply(desk.ledger)
    found = plan(desk.ledger, nightly())
    assert ([e.id for e in found.back], found.differences) == (["news"], ())
    revision = apply(desk.ledger, nightly())
    assert revision and revision.events == (Touched("news", "back"),)
    assert plan(desk.ledger, nightly()).empty
