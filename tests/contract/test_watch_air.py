"""What the provider shows of what should be on air: seen in time, told once, with its cause, and cheap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.contract.ledgers import FILM, HOUR, LATER
from tests.contract.machines import show
from tests.contract.night import Night
from tests.contract.stage import SETTLE, stage
from worker.air import LOOKED_BACK, Air, Seen
from worker.conditions import Level
from worker.lifecycle import State
from worker.provider import DomainInfo
from worker.provider.emulator.options import Duplicate
from worker.relay import Relay, Span
from worker.turns import Lane
from worker.windows import Window

START = LATER + HOUR
LOOKS = ("DescribeLiveStreamInfoByPage", "DescribeLiveStreamState", "DescribeLiveSourceStreamMetrics")


@pytest.fixture
def night(redis_url: str) -> Iterator[Night]:
    with stage(redis_url, Duplicate.REFUSE) as play:
        yield Night(play)


@pytest.fixture
def slow(redis_url: str) -> Iterator[Night]:
    """A provider that takes its five minutes."""
    with stage(redis_url, Duplicate.REFUSE, settle=float(SETTLE)) as play:
        yield Night(play)


def on_air(night: Night, **changes: object) -> Window:
    window = night.show(**changes)
    night.live(window.start - 60, step=600)
    night.live(window.start + SETTLE + 20)
    assert seen(night, window).state is Air.ON_AIR
    assert night.heard == []
    return window


def seen(night: Night, window: Window) -> Seen:
    (watched,) = night.play.ledger.sightings.of([window.id])
    assert watched.seen
    return watched.seen


def test_a_show_that_goes_well_is_seen_from_its_start_to_its_end_and_never_told(night: Night) -> None:
    window = on_air(night)
    night.live(window.end + 60)
    found = seen(night, window)
    assert window.start <= found.first_seen <= window.start + 30
    assert window.end - 30 <= found.last_seen < window.end
    assert window.end <= found.off_at <= window.end + 30
    assert night.heard == []


def test_figures_are_kept(night: Night) -> None:
    found = seen(night, on_air(night))
    assert found.framerate == 25
    assert 2_400 <= found.bitrate <= 2_700


def test_a_source_that_dies_on_air_is_told_once_and_its_return_once(night: Night) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    night.wait(58)
    assert night.heard == [("began", "dark")]
    assert (night.told[0].level, night.told[0].cause) == (Level.PAGE, "source-unreachable")
    night.wait(300)
    assert night.tried == [window.id]
    night.kill(window.sources[0], alive=True)
    night.wait(120)
    assert night.heard == [("began", "dark"), ("recovered", "dark")]


def test_a_source_that_is_dead_from_the_start_is_told_once_the_provider_had_its_time(night: Night) -> None:
    window = night.show()
    night.kill(window.sources[0])
    night.live(window.start + SETTLE - 10, step=60)
    assert (night.heard, night.tried) == ([], [])
    night.wait(60)
    assert [(each.kind.value, each.cause) for each in night.told] == [("dark", "source-unreachable")]
    assert seen(night, window).first_seen == 0


def test_where_another_source_plays_nothing_is_dark(night: Night) -> None:
    window = on_air(night, sources=("rtmp://a.example.com/live/news", *FILM))
    night.kill(window.sources[0])
    night.wait(300)
    assert night.heard == []


def test_where_relay_and_sources_are_well_the_cause_is_not_guessed(night: Night) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    night.air.try_sources = lambda *_: {}
    night.wait(60)
    assert night.told[0].cause == "unknown"


def test_a_list_from_before_it_went_dark_is_no_proof_that_its_relay_is_missing(night: Night) -> None:
    window = on_air(night)
    night.play.ledger.looks.keep(window.slot.domain, [], night.now)
    night.kill(window.sources[0])
    night.play.clock.advance(1)
    night.look(night.air)
    assert seen(night, window).cause == "source-unreachable"


def test_a_domain_that_is_switched_off_is_named_as_the_cause(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    off = DomainInfo(window.slot.domain, window.slot.domain, "pull-flv", 3)
    monkeypatch.setattr(night.play.cloud, "domains", lambda **_: (off,))  # the emulator's are always well
    night.wait(60)
    assert night.told[0].cause == "domain-wrong"


def test_a_relay_that_is_gone_is_told_as_that_and_not_as_dark(night: Night) -> None:
    night.beats = False
    window = on_air(night)
    night.play.remove(window.slot)
    night.wait(120)
    assert night.heard == [("began", "unplaced")]


def test_a_stream_that_is_forbidden_is_told_as_that(night: Night) -> None:
    window = on_air(night)
    night.forbid(window.slot)
    night.wait(60)
    assert night.heard == [("began", "forbidden")]
    night.forbid(window.slot, forbidden=False)
    night.wait(120)
    assert night.heard[1:] == [("recovered", "forbidden")]


def test_what_flickers_is_no_news(night: Night) -> None:
    window = on_air(night)
    for _ in range(6):
        night.kill(window.sources[0])
        night.wait(10)
        night.kill(window.sources[0], alive=True)
        night.wait(50)
    assert night.heard == []


def test_a_provider_that_takes_its_five_minutes_is_given_them(slow: Night) -> None:
    window = slow.show()
    slow.live(window.end + SETTLE + LOOKED_BACK + 60, step=30)
    assert slow.heard == []
    assert seen(slow, window).off_at


def test_what_goes_on_after_its_end_is_told(night: Night) -> None:
    window = on_air(night)
    night.live(window.end + 30)
    theirs = Span(window.end - 60, window.end + 2 * HOUR)
    night.play.plant(Relay(window.slot, window.sources, theirs))
    night.live(window.end + SETTLE + 90, step=20)
    assert ("began", "still-on-air") in night.heard
    assert seen(night, window).off_at < window.end + 60


def test_a_stream_handed_over_goes_off_for_the_one_when_the_other_begins(night: Night) -> None:
    first = night.show()
    second = night.show("film", first.end, stream="news", sources=FILM)
    night.live(second.end + 60, step=20)
    one, other = seen(night, first), seen(night, second)
    assert first.end <= one.off_at <= first.end + 60
    assert second.start <= other.first_seen <= second.start + 60
    assert night.heard == []


def test_what_is_stopped_while_dark_did_not_recover(night: Night) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    night.wait(60)
    night.desk.say("stop", window.id, force=True)
    night.wait(300)
    assert night.heard == [("began", "dark"), ("over", "dark")]


@pytest.mark.parametrize("wish", [{"sources": FILM}, {"sources": FILM, "stream": "news-2"}])
@pytest.mark.parametrize("faults", [(), ("Update:503", "Create:503")])
def test_what_another_source_brings_back_has_recovered_whenever_it_was_looked_at(
    night: Night, wish: dict[str, object], faults: tuple[str, ...]
) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    night.wait(60)
    night.play.fail(*faults)
    night.desk.say("override", window.id, force=True, **wish)
    night.look(night.air)
    night.wait(90)
    night.play.fail()
    night.wait(600)
    assert [what for what in night.heard if what[1] == "dark"] == [("began", "dark"), ("recovered", "dark")]
    assert night.standing == []


def test_what_stays_dark_after_its_relay_was_replaced_is_no_second_alert(night: Night) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    night.wait(60)
    night.desk.say("override", window.id, stream="news-2", force=True)
    night.wait(SETTLE + 300)
    assert night.heard == [("began", "dark")]


def test_a_window_that_is_called_off_while_dark_did_not_recover(night: Night) -> None:
    window = on_air(night)
    night.kill(window.sources[0])
    night.wait(60)
    night.desk.say("cancel", window.id, force=True)
    night.wait(300)
    assert night.heard == [("began", "dark"), ("over", "dark")]


def test_what_goes_on_is_not_explained_by_a_next_one_that_failed(night: Night) -> None:
    first = night.show()
    second = night.show("film", first.end, stream="news", sources=FILM)
    night.live(first.end - 60, step=20)
    night.play.fail("Update:InvalidParam", "Create:InvalidParam")
    night.live(first.end + 60)
    theirs = Span(first.end - 60, first.end + 2 * HOUR)
    night.play.plant(Relay(first.slot, first.sources, theirs))
    night.live(first.end + SETTLE + 90, step=20)
    assert night.play.state(second) is State.FAILED
    assert {("began", "failed"), ("began", "still-on-air")} <= {*night.heard}


def test_keys_that_may_list_and_not_look_are_told(night: Night) -> None:
    on_air(night)
    night.play.fail("DescribeLiveStreamInfoByPage:AccessDenied")
    night.wait(180)
    assert [(each.kind.value, each.level, each.facts["action"]) for each in night.told] == [
        ("credentials-refused", Level.WARN, "DescribeLiveStreamInfoByPage")
    ]
    night.play.fail()
    night.wait(60)
    assert night.heard[1:] == [("recovered", "credentials-refused")]


def test_an_outage_is_told_once_and_by_one(night: Night) -> None:
    on_air(night)
    night.play.fail("503")
    night.wait(180)
    assert night.heard == [("began", "provider-unreachable")]


def test_where_figures_are_refused_it_is_still_known_what_is_on_air(night: Night) -> None:
    night.play.fail("DescribeLiveSourceStreamMetrics:InvalidParam")
    window = on_air(night)
    night.kill(window.sources[0])
    night.wait(60)
    assert night.heard == [("began", "dark")]


def test_another_domain_that_cannot_be_asked_hides_nothing(redis_url: str) -> None:
    known = {"pull.example.com": "pull.example.com"}
    with stage(redis_url, Duplicate.REFUSE, domains=known) as play:
        night = Night(play)
        window = on_air(night)
        night.shows(replace(show("sport", window.start), domain="down.example.com"))
        night.kill(window.sources[0])
        night.wait(60)
    assert {what for what in night.heard if what[1] != "failed"} == {
        ("began", "dark"),
        ("began", "domain-unknown"),
    }


# What it costs


@pytest.fixture
def crowd(night: Night) -> Night:
    """Two hundred on air at once."""
    night.shows(*(show(f"show-{n}", START + n % 60) for n in range(200)))
    night.live(LATER + 600, step=60)
    night.play.clock.at = START + SETTLE + 60.0
    return night


def test_a_look_at_two_hundred_on_air_costs_a_page_and_twenty_measurements(crowd: Night) -> None:
    before = [crowd.asked(action) for action in LOOKS]
    crowd.look(crowd.air)
    assert [crowd.asked(a) - n for a, n in zip(LOOKS, before, strict=True)] == [1, 0, 20]


def test_a_look_at_two_hundred_in_the_dark_costs_little_more_and_tells_of_all(crowd: Night) -> None:
    crowd.kill("rtmp://a.example.com/live/news")
    crowd.play.clock.advance(60)
    before = len(crowd.play.requests)
    crowd.look(crowd.air)
    assert len(crowd.play.requests) - before <= 25
    assert crowd.standing.count("dark") == 200
    assert len(crowd.tried) == 20


def test_every_one_of_two_hundred_is_measured_in_its_turn(crowd: Night) -> None:
    for _ in range(10):
        crowd.play.clock.advance(20)
        crowd.look(crowd.air)
    records = crowd.play.ledger.reading.windows([f"show-{n}" for n in range(200)], 0, float("inf"))
    assert all(seen(crowd, record.window).framerate for record in records)


def test_looking_waits_behind_placing(crowd: Night) -> None:
    crowd.play.turns.clear()
    crowd.look(crowd.air)
    assert {turn.lane for turn in crowd.play.turns} == {Lane.BACKGROUND}


def test_where_nothing_is_on_air_nobody_is_asked(night: Night) -> None:
    window = night.show(start=LATER + 4 * HOUR)
    night.wait(600)
    assert night.play.state(window) is State.PLACED
    assert night.asked(*LOOKS) == 0
