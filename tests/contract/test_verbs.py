"""What each verb does to a window in each state, or how it is refused; said twice, it is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.contract.desk import DAY, HORIZON, OTHER, Desk, nightly
from tests.contract.ledgers import HOUR, ClockedLedger, actions, claimed, due, due_of, dump, event, together
from worker.errors import Changed, Refused, UnknownEvent, UnknownWindow
from worker.ledger.records import Change
from worker.lifecycle import State
from worker.neighbours import meetings_now
from worker.overrides import Pause, nominal_start
from worker.sense import Speaker
from worker.slots import last_useful
from worker.views import moment
from worker.windows import Window


@pytest.fixture
def desk(ledger: ClockedLedger) -> Desk:
    found = Desk(ledger)
    found.apply(nightly())
    return found


def _on_air(desk: Desk, of: Window) -> None:
    desk.bring(of, State.PLACED)
    desk.ledger.clock.at = of.start + 60


def _cancelled(by: str) -> Callable[[Desk, Window], object]:
    return lambda desk, of: desk.ledger.plans.cancel(of, now=desk.ledger.now(), by=by, who=by, reason="why")


BRING: dict[str, Callable[[Desk, Window], object]] = {
    "planned": lambda desk, of: None,
    "placing": lambda desk, of: claimed(desk.ledger, of),
    "retrying": lambda desk, of: desk.bring(of, State.RETRYING, next_attempt_at=of.end),
    "placed": lambda desk, of: desk.bring(of, State.PLACED),
    "on air": _on_air,
    "displaced": lambda desk, of: desk.bring(of, State.DISPLACED),
    "failed": lambda desk, of: desk.bring(of, State.FAILED),
    "missed": lambda desk, of: desk.bring(of, State.MISSED),
    "removed": lambda desk, of: [desk.bring(of, State.PLACED), desk.bring(of, State.REMOVED)],
    "off by plan": _cancelled("plan"),
    "off by ann": lambda desk, of: desk.say("cancel", of.id),
}

NOTHING, NOT_ON_AIR, OVER, OFF = "nothing", "is not on air", "is over", "is called off"

TABLE = {
    #               cancel       stop         extend       override     retry
    "planned": ("cancelled", NOT_ON_AIR, "planned", "planned", NOTHING),
    "placing": ("cancelled", NOT_ON_AIR, "placing", "placing", NOTHING),
    "retrying": ("cancelled", NOT_ON_AIR, "planned", "planned", "retrying"),
    "placed": ("cancelled", NOT_ON_AIR, "planned", "planned", NOTHING),
    "on air": ("on air now", "cancelled", "placed", "on air now", NOTHING),
    "displaced": ("cancelled", NOT_ON_AIR, "planned", "planned", NOTHING),
    "failed": ("cancelled", NOT_ON_AIR, "planned", "planned", "planned"),
    "missed": ("was missed", NOT_ON_AIR, "planned", "planned", "planned"),
    "removed": (OVER, OVER, OVER, OVER, OVER),
    "off by plan": ("cancelled", NOT_ON_AIR, "planned", "planned", "left the plan"),
    "off by ann": (NOTHING, NOTHING, OFF, OFF, "planned"),
}
CASES = [
    (state, verb, found)
    for state, row in TABLE.items()
    for verb, found in zip(("cancel", "stop", "extend", "override", "retry"), row, strict=True)
]


@pytest.mark.parametrize(("state", "verb", "found"), CASES)
def test_a_verb_does_one_thing_once_or_says_why_not(desk: Desk, state: str, verb: str, found: str) -> None:
    of = desk.window()
    BRING[state](desk, of)
    before = dump(desk.ledger)
    wish = {"sources": OTHER} if verb == "override" else {}
    if found not in set(State) | {NOTHING}:
        with pytest.raises(Refused, match=found):
            desk.say(verb, of.id, **wish)
        assert {**dump(desk.ledger)} == before
        return
    said = desk.say(verb, of.id, **wish)
    assert said.changed is (found != NOTHING)
    if found != NOTHING:
        assert desk.windows()[0].state == found
    after = dump(desk.ledger)
    again = desk.say(verb, of.id, **wish)
    assert (again.changed, dump(desk.ledger)) == (False, after)


def test_every_state_is_in_the_table() -> None:
    assert {state.split(" by ")[0] for state in TABLE} | {"cancelled"} == {
        *State,
        "on air",
        "off",
        "cancelled",
    }


@pytest.mark.parametrize(
    ("verb", "action"),
    [("cancel", "cancelled"), ("extend", "extended"), ("override", "overridden"), ("retry", "retried")],
)
def test_the_history_tells_who_and_why(desk: Desk, verb: str, action: str) -> None:
    of = desk.window()
    desk.bring(of, State.FAILED)
    desk.say(verb, of.id, **({"sources": OTHER} if verb == "override" else {}))
    line = desk.ledger.reading.log(of.id)[-1]
    assert (line["action"], line["by"]) == (f"window.{action}", "ann@desk")
    assert verb == "retry" or "strike" in line["why"]


def test_a_stop_is_told_as_one(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    desk.say("stop", of.id, reason="wrong film")
    assert actions(desk.ledger, of)[-1] == "window.stopped"
    assert desk.windows()[0].reason == "wrong film"


def test_what_is_forced_is_cut(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    desk.say("cancel", of.id, force=True)
    assert desk.windows()[0].state is State.CANCELLED


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"end": -HOUR}, "not after its start"),
        ({"start": -10 * HOUR}, "in the past"),
        ({"start": 25 * HOUR, "end": 27 * HOUR}, "more than a day"),
        ({"end": 32 * DAY}, "too long"),
        ({"sources": ("http://localhost/x",)}, "inside a network"),
        ({"sources": OTHER * 11}, "too many"),
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Desk, wish: dict[str, int], why: str) -> None:
    of = desk.window()
    moved = {k: v if k == "sources" else of.start + v for k, v in wish.items()}
    with pytest.raises(Refused, match=why):
        desk.say("override", of.id, **moved)


def test_an_end_that_has_passed_cuts_what_is_on_air_only_by_force(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    with pytest.raises(Refused, match="cut"):
        desk.say("override", of.id, end=of.start + 30)
    desk.say("override", of.id, end=of.start + 30, force=True)
    assert actions(desk.ledger, of)[-1] == "window.stopped"


@pytest.mark.parametrize("force", [False, True])
def test_an_end_before_the_start_of_what_is_on_air_is_a_slip_and_stops_nothing(
    desk: Desk, force: bool
) -> None:
    of = desk.window()
    _on_air(desk, of)
    with pytest.raises(Refused, match="not after its start"):
        desk.say("override", of.id, end=of.start, force=force)
    assert desk.windows()[0].state is State.PLACED


def test_an_earlier_end_that_is_still_to_come_cuts_nothing(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    desk.say("override", of.id, end=of.start + HOUR)
    record = desk.windows()[0]
    assert (record.state, record.window.end) == (State.PLACED, of.start + HOUR)


def test_what_is_said_one_after_the_other_adds_up(desk: Desk) -> None:
    of = desk.window()
    desk.say("override", of.id, sources=OTHER, reason="better feed")
    desk.say("extend", of.id)
    desk.say("cancel", of.id)
    desk.say("retry", of.id)
    window = desk.window()
    assert (window.sources, window.end) == (OTHER, of.end + 1_800)


def test_a_shorter_extension_takes_nothing_back(desk: Desk) -> None:
    of = desk.window()
    desk.say("extend", of.id, seconds=1_800)
    assert not desk.say("extend", of.id, seconds=600).changed
    assert desk.window().end == of.end + 1_800


def test_names_that_are_not_known_are_answered_with_near_ones(desk: Desk) -> None:
    of = desk.window()
    with pytest.raises(UnknownEvent) as unknown:
        desk.say("cancel", of.id.replace("news", "nws"))
    assert "news" in unknown.value.hint
    with pytest.raises(UnknownWindow) as mistyped:
        desk.say("cancel", of.id.replace("T1200", "T1201"))
    assert of.id in mistyped.value.hint
    with pytest.raises(UnknownWindow, match="is an event"):
        desk.say("cancel", "news")


def test_a_night_beyond_the_horizon_can_be_called_off_already(desk: Desk) -> None:
    far = replace(desk.window(), id="news@20330610T120000Z")
    desk.say("cancel", far.id)
    desk.ledger.clock.at = desk.window().start + 23 * DAY
    desk.tick()
    record = desk.ledger.reading.window(far.id)
    assert (record.state, record.reason, record.cancelled_by) == (State.CANCELLED, "strike", "person")


def test_whoever_gives_way_is_named(desk: Desk) -> None:
    of = desk.window()
    late = event("late", crons=("0 22 * * *",), sources=OTHER)
    desk.apply(late)
    said = desk.say("extend", of.id)
    assert said.yields == ((of.id.replace("news", "late").replace("T12", "T14"), of.id),)


def test_a_displaced_window_looks_again_when_the_one_that_displaced_it_goes(desk: Desk) -> None:
    of = desk.window()
    desk.apply(event("late", crons=("0 21 * * *",), sources=OTHER))
    loser = desk.windows("late")[0].window
    desk.bring(loser, State.DISPLACED)
    desk.ledger.redis.zadd(desk.ledger.keys.due, {loser.id: of.end})
    desk.say("cancel", of.id)
    assert due_of(desk.ledger, loser.id) == desk.ledger.now()


def test_a_stop_of_what_is_on_air_waits_behind_nothing(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    desk.apply(event("other", stream="other", crons=("30 20 * * *",)))
    desk.say("stop", of.id)
    assert due(desk.ledger)[0] == of.id


def test_two_who_say_it_at_once_do_it_once(redis_url: str, desk: Desk) -> None:
    of = desk.window()
    said = together(*[lambda: desk.say("cancel", of.id) for _ in range(4)])
    assert sorted(each.changed for each in said) == [False, False, False, True]  # type: ignore[attr-defined]
    assert actions(desk.ledger, of) == ["window.cancelled"]


def test_each_word_moves_the_stamp_of_intent(desk: Desk) -> None:
    keys, redis = desk.ledger.keys, desk.ledger.redis
    stamps = [redis.get(keys.intent)]
    for verb, about in (("cancel", desk.window().id), ("pause", "news"), ("resume", "news")):
        desk.say(verb, about)
        stamps.append(redis.get(keys.intent))
    assert len(set(stamps)) == len(stamps)


@pytest.mark.parametrize("word", ["cancel", "override", "extend", "pause"])
def test_an_apply_of_the_same_file_or_another_does_not_undo_it(desk: Desk, word: str) -> None:
    of = desk.window()
    desk.say(word, "news" if word == "pause" else of.id, **({"sources": OTHER} if word == "override" else {}))
    before = desk.windows()[0]
    desk.apply(nightly())
    assert desk.windows()[0] == before
    desk.apply(nightly(title="Late news", sources=("rtmp://d.example.com/live/x",)), digest="2")
    after = desk.windows()[0]
    assert (after.state, after.window.end) == (before.state, before.window.end)
    assert word != "override" or after.window.sources == OTHER


def test_a_window_moved_beyond_the_horizon_stays_in_the_plan(desk: Desk) -> None:
    last = desk.windows()[-1].window
    later = last.start + DAY - 60
    assert later > desk.ledger.now() + HORIZON
    desk.say("override", last.id, start=later, end=later + HOUR)
    desk.apply(nightly(title="Late news"), digest="2")
    record = desk.ledger.reading.window(last.id)
    assert (record.state, record.window.start, record.window.title) == (State.PLANNED, later, "Late news")


def test_a_window_moved_from_beyond_the_horizon_is_planned_at_once(desk: Desk) -> None:
    last = desk.windows()[-1].window
    far = last.id.replace("0520", "0521")
    desk.say("override", far, start=last.start + 3 * HOUR, end=last.start + 4 * HOUR)
    desk.apply(nightly(title="Late news"), digest="2")
    assert desk.ledger.reading.window(far).state is State.PLANNED
    assert desk.ledger.reading.window(far).window.title == "Late news"


def test_an_override_ends_with_its_window(desk: Desk) -> None:
    of, overrides = desk.window(), desk.ledger.keys.overrides("news")
    desk.say("override", of.id, end=of.start + HOUR)
    desk.ledger.clock.at = of.end - 1
    desk.apply(nightly(), digest="2")
    assert desk.ledger.redis.hlen(overrides) == 1
    desk.ledger.clock.at = of.end
    desk.apply(nightly(), digest="3")
    assert desk.ledger.redis.hlen(overrides) == 0
    assert not desk.ledger.redis.exists(desk.ledger.keys.overruled)


def test_what_people_said_goes_with_an_event_that_is_dropped(desk: Desk) -> None:
    desk.say("cancel", desk.window().id)
    desk.say("pause", "news")
    desk.ledger.plans.drop("news")
    assert desk.ledger.overrides.pauses() == {}
    desk.apply(nightly())
    assert State.PLANNED in desk.states()


def test_a_ledger_that_lost_its_windows_writes_them_as_people_want_them(desk: Desk) -> None:
    first, second = desk.window(0), desk.window(1)
    desk.say("cancel", first.id)
    desk.say("extend", second.id)
    before = desk.windows()[:2]
    for key in desk.ledger.redis.scan_iter(f"{desk.ledger.keys.prefix}window:*"):
        desk.ledger.redis.delete(key)
    desk.apply(nightly())
    after = desk.windows()[:2]
    assert [(r.state, r.window, r.reason, r.cancelled_by) for r in after] == [
        (r.state, r.window, r.reason, r.cancelled_by) for r in before
    ]


def test_a_planner_that_did_not_hear_the_word_writes_nothing(desk: Desk) -> None:
    record = desk.ledger.plans.event("news")
    (deaf,) = desk.planner.programmes([record.event])
    desk.say("cancel", desk.window().id)
    before = dump(desk.ledger)
    planned = desk.planner._planned(replace(record, planned_until=0), deaf, desk.ledger.now())
    assert desk.ledger.plans.write([planned], now=desk.ledger.now(), by="beat") == {}
    assert dump(desk.ledger) == before


def test_a_paused_event_calls_off_what_is_to_come_and_resumed_brings_it_back(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    desk.say("pause", "news")
    assert desk.states() == [State.PLACED, *[State.CANCELLED] * (len(desk.states()) - 1)]
    assert desk.windows()[1].reason == "paused by ann@desk: strike"
    desk.say("resume", "news", reason="over")
    assert desk.states() == [State.PLACED, *[State.PLANNED] * (len(desk.states()) - 1)]
    line = desk.ledger.reading.log(desk.window(1).id)[-1]
    assert (line["by"], line["why"]) == ("ann@desk", "resumed: over")


def test_what_passed_while_it_was_paused_does_not_come_back(desk: Desk) -> None:
    of = desk.window()
    desk.say("pause", "news")
    desk.ledger.clock.at = of.end - of.min_useful + 1
    desk.say("resume", "news")
    assert desk.states()[:2] == [State.CANCELLED, State.PLANNED]


def test_a_paused_event_plans_nothing_new_until_it_is_resumed(desk: Desk) -> None:
    desk.say("pause", "news")
    desk.ledger.clock.advance(2 * DAY)
    desk.tick()
    assert set(desk.states()) == {State.CANCELLED}
    desk.say("resume", "news")
    assert desk.states().count(State.PLANNED) == 3


def test_a_pause_by_force_cuts_what_is_on_air(desk: Desk) -> None:
    _on_air(desk, desk.window())
    desk.say("pause", "news")
    assert desk.say("pause", "news", force=True).changed
    assert set(desk.states()) == {State.CANCELLED}


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_pause_or_its_end_said_twice_is_done_once(desk: Desk, verb: str) -> None:
    if verb == "resume":
        desk.say("pause", "news")
    assert desk.say(verb, "news").changed
    before = dump(desk.ledger)
    assert not desk.say(verb, "news").changed
    assert dump(desk.ledger) == before


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_what_the_file_pauses_is_the_files_business(desk: Desk, verb: str) -> None:
    desk.apply(nightly(paused=True), digest="2")
    with pytest.raises(Refused, match="paused in its file"):
        desk.say(verb, "news")


def test_an_event_that_left_its_file_is_paused_and_resumed_and_gets_nothing_new(desk: Desk) -> None:
    desk.ledger.plans.leave("news")
    before = [record.window for record in desk.windows()]
    desk.ledger.clock.advance(DAY)
    desk.say("pause", "news")
    assert desk.states()[1:] == [State.CANCELLED] * (len(before) - 1)
    said = desk.say("resume", "news")
    desk.ledger.clock.advance(DAY)
    desk.tick()
    assert said.did == f"resumed; {len(before) - 1} window(s) are back"
    assert [record.window for record in desk.windows()] == before
    assert desk.states()[1:] == [State.PLANNED] * (len(before) - 1)


def test_a_pause_of_what_left_its_file_that_was_killed_half_way_is_done_by_the_next_tick(desk: Desk) -> None:
    desk.ledger.plans.leave("news")
    pause = Pause(at=desk.ledger.now(), by="ann", reason="strike")
    change = Change(at=desk.ledger.now(), action="event.paused", to=State.CANCELLED, by="ann")
    assert desk.ledger.overrides.pause("news", None, pause, change)
    desk.tick()
    assert set(desk.states()) == {State.CANCELLED}


@pytest.mark.parametrize("verb", ["extend", "retry"])
def test_a_window_of_a_paused_event_is_not_changed(desk: Desk, verb: str) -> None:
    desk.say("pause", "news")
    with pytest.raises(Refused) as refused:
        desk.say(verb, desk.window().id)
    assert "relaybeat resume news" in refused.value.hint


def test_a_night_called_off_during_a_pause_stays_off_after_it(desk: Desk) -> None:
    desk.say("pause", "news")
    desk.say("cancel", desk.window().id)
    desk.say("resume", "news")
    assert desk.states()[:2] == [State.CANCELLED, State.PLANNED]


def test_the_events_own_history_tells_of_its_pauses(desk: Desk) -> None:
    desk.say("pause", "news")
    desk.say("resume", "news", reason="over")
    told = [(line["action"], line["by"], line["why"]) for line in desk.ledger.reading.log("news")]
    assert told == [("event.paused", "ann@desk", "strike"), ("event.resumed", "ann@desk", "over")]


def test_a_permanent_window_has_no_times_to_change(desk: Desk) -> None:
    desk.apply(nightly(id="radio", stream="radio", crons=(), duration=None, permanent=True))
    for verb, wish in (("extend", {}), ("override", {"end": desk.window().end})):
        with pytest.raises(Refused, match="permanent"):
            desk.say(verb, "radio@permanent", **wish)
    desk.say("override", "radio@permanent", sources=OTHER)
    assert desk.windows("radio")[0].window.sources == OTHER


def test_what_a_word_leaves_displaced_is_not_promised_a_place(desk: Desk) -> None:
    of = desk.window()
    desk.apply(event("late", crons=("0 21 * * *",), sources=OTHER, priority=1))
    said = desk.say("extend", of.id)
    rival = desk.windows("late")[0].window.id
    assert said.then.startswith(f"it gives way to {rival}: it is placed only if that goes")
    assert said.yields == ((of.id, rival),)


def test_a_window_that_is_moved_away_says_from_when_it_is_placed(desk: Desk) -> None:
    of = desk.window(2)
    said = desk.say("override", of.id, start=of.start + HOUR, end=of.end + HOUR)
    free_at = moment(of, desk.window(1).end)
    assert said.then == f"it is placed from {free_at} on, when what is ahead of it has ended"


def test_what_is_called_off_while_its_relay_serves_another_says_so(desk: Desk) -> None:
    of = desk.window()
    desk.apply(event("late", crons=("30 20 * * *",)))
    late = desk.windows("late")[0].window
    desk.bring(of, State.PLACED)
    desk.bring(late, State.PLACED)
    desk.ledger.clock.at = late.start + 60
    assert desk.say("stop", of.id).then.startswith(f"its relay plays on, for {late.id}")


def test_what_is_on_air_is_in_conflict_and_not_displaced_until_the_other_begins(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    desk.apply(event("late", crons=("0 21 * * *",), sources=OTHER, priority=1))
    late = desk.windows("late")[0].window
    (slot,) = desk.ledger.reading.on_slots([of.slot])
    met = meetings_now(slot, desk.ledger.now(), 300)
    assert {m.note for m in met[of.id]} == {"conflict"}
    assert {m.note for m in met[late.id]} == {"conflict", "tight-handover"}


def test_what_was_overridden_is_taken_back_at_once_and_once(desk: Desk) -> None:
    of = desk.window()
    desk.say("override", of.id, sources=OTHER, end=of.end + HOUR, stream="studio-2")
    said = desk.say("clear", of.id)
    assert (said.changed, desk.window()) == (True, of)
    assert desk.ledger.reading.log(of.id)[-1]["action"] == "window.restored"
    assert not desk.ledger.redis.exists(desk.ledger.keys.overrides("news"))
    before = dump(desk.ledger)
    again = desk.say("clear", of.id)
    assert (again.changed, again.did.partition(":")[0]) == (False, "nothing of it is overridden")
    assert dump(desk.ledger) == before


def test_after_it_is_taken_back_the_file_has_its_say(desk: Desk) -> None:
    of = desk.window()
    desk.say("extend", of.id)
    desk.say("clear", of.id)
    desk.apply(nightly(duration=HOUR), digest="2")
    assert desk.window().end == of.start + HOUR


def test_what_is_on_air_is_not_cut_by_taking_back_without_force(desk: Desk) -> None:
    of = desk.window()
    desk.say("override", of.id, sources=OTHER)
    _on_air(desk, desk.window())
    with pytest.raises(Refused, match="interrupted"):
        desk.say("clear", of.id)


def test_an_overtime_that_is_taken_back_after_the_planned_end_is_a_stop(desk: Desk) -> None:
    of = desk.window()
    desk.say("extend", of.id)
    _on_air(desk, desk.window())
    desk.ledger.clock.at = of.end + 60
    with pytest.raises(Refused) as refused:
        desk.say("clear", of.id)
    assert f"relaybeat stop {of.id}" in refused.value.hint


def test_all_that_failed_and_is_worth_placing_is_tried_again_in_order_of_start(desk: Desk) -> None:
    first, second, third = (record.window for record in desk.windows())
    for of, state in ((third, State.FAILED), (second, State.MISSED), (first, State.FAILED)):
        desk.bring(of, state)
    said = desk.verbs.retry_failed(Speaker("ann@desk", "bill paid"))
    assert [(each.about, each.changed) for each in said] == [(first.id, True), (third.id, True)]
    assert desk.states() == [State.PLANNED, State.MISSED, State.PLANNED]


def test_what_failed_and_is_not_worth_placing_any_more_is_left(desk: Desk) -> None:
    of = desk.window()
    desk.bring(of, State.FAILED)
    desk.ledger.clock.at = last_useful(of) + 1.0
    assert desk.verbs.retry_failed(Speaker("ann@desk", "")) == []
    assert desk.states()[0] is State.FAILED


def test_a_night_that_is_called_off_is_taken_back_by_retry(desk: Desk) -> None:
    of = desk.window()
    desk.say("cancel", of.id)
    with pytest.raises(Refused) as refused:
        desk.say("clear", of.id)
    assert f"relaybeat retry {of.id}" in refused.value.hint


@pytest.mark.parametrize(("name", "stream"), [("b-{start:%m%d}", "b-0518"), ("{id}-2", "news-2")])
def test_a_stream_is_named_as_in_the_file(desk: Desk, name: str, stream: str) -> None:
    desk.say("override", desk.window().id, stream=name)
    assert desk.window().slot.stream == stream


@pytest.mark.parametrize("name", ["a b", "{title}", "x" * 101, "{start:%c}"])
def test_a_stream_that_no_file_could_have_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(Refused):
        desk.say("override", desk.window().id, stream=name)


@pytest.mark.parametrize(("first", "second"), [("cancel", "retry"), ("extend", "clear")])
def test_what_was_said_and_taken_back_beyond_the_horizon_leaves_nothing(
    desk: Desk, first: str, second: str
) -> None:
    far, before = "news@20330610T120000Z", [record.window for record in desk.windows()]
    desk.say(first, far)
    said = desk.say(second, far)
    assert "it is planned when it comes near enough" in said.then
    assert [record.window for record in desk.windows()] == before
    assert due_of(desk.ledger, far) is None
    assert not desk.say(second, far).changed
    record = desk.ledger.plans.event("news")
    (programme,) = desk.planner.programmes([record.event])
    assert desk.planner.differences(programme, desk.ledger.now()) == []
    desk.ledger.clock.at = float(nominal_start(far) or 0) - DAY
    desk.tick()
    assert desk.ledger.reading.window(far).state is State.PLANNED
    told = [line["action"] for line in desk.ledger.reading.log(far)]
    assert len(told) == 2


def test_a_name_that_is_written_wrong_is_answered_with_the_window_that_failed(desk: Desk) -> None:
    of = desk.window()
    desk.bring(of, State.FAILED)
    with pytest.raises(UnknownWindow) as mistyped:
        desk.say("retry", of.id.replace("T1200", "T1201"))
    assert of.id in mistyped.value.hint


def test_a_pause_says_what_plays_on_and_how_to_cut_it(desk: Desk) -> None:
    of = desk.window()
    _on_air(desk, of)
    then = desk.say("pause", "news").then
    assert then.endswith(f"; {of.id} is on air and plays on until {moment(of, of.end)} (--force cuts it)")


@pytest.mark.parametrize("force", [False, True])
def test_a_pause_of_what_is_not_on_air_or_is_cut_says_nothing_of_the_kind(desk: Desk, force: bool) -> None:
    if force:
        _on_air(desk, desk.window())
    assert "plays on" not in desk.say("pause", "news", force=force).then


@pytest.mark.parametrize("meanwhile", ["placing", "failed", "off by ann"])
def test_a_word_on_what_was_seen_is_not_spoken_of_what_became_of_it(desk: Desk, meanwhile: str) -> None:
    of = desk.window()
    ben = Speaker("ben", "strike", seen=desk.verbs.record(of.id))
    BRING[meanwhile](desk, of)
    before = dump(desk.ledger)
    with pytest.raises(Changed, match="not as it was"):
        desk.verbs.cancel(of.id, ben)
    assert dump(desk.ledger) == before


def test_a_word_on_what_was_seen_is_spoken_if_it_is_still_like_that(desk: Desk) -> None:
    far = f"news@{datetime.fromtimestamp(desk.window().start + 30 * DAY, UTC):%Y%m%dT%H%M%SZ}"
    for window_id in (desk.window().id, far):
        ben = Speaker("ben", "strike", seen=desk.verbs.record(window_id))
        assert desk.verbs.cancel(window_id, ben).changed
