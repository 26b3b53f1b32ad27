"""What ``doctor`` finds of beats and workers, and of what a beat found at the provider."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.events_text import event
from worker.calendars import country_days
from worker.conditions import Condition, Kind, Level
from worker.diagnosis import Finding, examine
from worker.edition import Edition
from worker.ledger import Ledger
from worker.ledger.drifts import Remembered
from worker.runtime import Runtime
from worker.settings import Settings


@pytest.fixture
def runtime(redis_url: str) -> Runtime:
    return Runtime(Settings(redis_url=redis_url))


def seen(ledger: Ledger, **ago: float) -> None:
    """``worker_a_1=3``: the worker with the process id 1 on host a made progress three seconds ago."""
    for name, seconds in ago.items():
        role, host, pid = name.split("_")
        ledger.saw(role, f"{host}:{pid}", ledger.now() - seconds)


def findings(runtime: Runtime) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(runtime, ["beat and workers"])}


def test_where_all_goes_well_everybody_is_named_with_the_age_of_its_sign(runtime: Runtime) -> None:
    seen(runtime.ledger, tick_a_1=2, beat_a_2=3, beat_b_2=4, worker_a_1=5)
    found = findings(runtime)
    assert {finding.verdict for finding in found.values()} == {"ok"}
    assert found["beats"].words == "a:2 3 s ago, b:2 4 s ago"


def test_a_dead_beat_is_told_from_a_dead_worker(runtime: Runtime) -> None:
    seen(runtime.ledger, tick_a_1=300, beat_a_2=300, worker_a_1=3)
    found = findings(runtime)
    assert {what: finding.verdict for what, finding in found.items()} == {
        "ticks": "fail",
        "beats": "fail",
        "workers": "ok",
    }
    assert "a:2 silent for 300 s" in found["beats"].words


def test_a_host_that_fell_silent_is_named_though_another_goes_on(runtime: Runtime) -> None:
    seen(runtime.ledger, worker_a_1=3, worker_b_1=300)
    found = findings(runtime)["workers"]
    assert (found.verdict, found.words) == ("warn", "a:1 3 s ago; b:1 silent for 300 s")
    assert "is b well" in found.hint


def test_a_process_that_was_replaced_on_its_host_is_not_missed(runtime: Runtime) -> None:
    seen(runtime.ledger, worker_a_1=300, worker_a_7=3)
    assert findings(runtime)["workers"].words == "a:7 3 s ago"


def watched(runtime: Runtime) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(runtime, ["watch"])}


def test_without_a_watch_somebody_should_start_one(runtime: Runtime) -> None:
    (found,) = watched(runtime).values()
    assert (found.what, found.verdict) == ("watch", "warn")
    assert "relaybeat watch" in found.hint


def test_a_watch_that_tells_nobody_is_warned_of_and_so_is_one_that_nobody_would_miss(
    runtime: Runtime,
) -> None:
    seen(runtime.ledger, watch_a_1=3)
    found = watched(runtime)
    assert {what: finding.verdict for what, finding in found.items()} == {
        "watch": "ok",
        "alerts": "warn",
        "heartbeat": "warn",
    }
    assert found["alerts"].words == "nobody hears of anything"


def test_who_hears_of_alerts_is_named_and_whose_address_fails(redis_url: str) -> None:
    runtime = Runtime(Settings(redis_url=redis_url, heartbeat="https://h.test/x"))
    ledger, now = runtime.ledger, runtime.ledger.now()
    seen(ledger, watch_a_1=3)
    for name in ("gone-1", "slack-2", "http-3"):
        ledger.alerts.heard(name, now)
    for name in ("slack-2", "http-3"):
        ledger.alerts.serve(name, 30, "a:1")
    scope = "channel:http-3"
    failing = Condition(kind=Kind.CHANNEL_FAILED, level=Level.WARN, scope=scope, subject="http-3")
    ledger.alerts.judge({scope: [failing]}, now)
    assert {what: finding.verdict for what, finding in watched(runtime).items()} == {
        "watch": "ok",
        "alerts to slack-2": "ok",
        "alerts to http-3": "warn",
    }


def test_a_calendar_that_does_not_know_the_year_ahead_is_warned_of(runtime: Runtime) -> None:
    bulgarian = country_days("bg.workdays", "BG", "", "workdays")  # decreed until 2016
    runtime.ledger.plans.put([(replace(event(), also=(bulgarian,)), "digest")], file="events.yaml")
    found = next(iter(examine(runtime, ["calendars"])))
    assert (found.what, found.verdict) == ("calendar bg", "warn")
    assert "for show" in found.words
    assert "upgrade" in found.hint


def test_events_without_calendars_need_none(runtime: Runtime) -> None:
    runtime.ledger.plans.put([(event(), "digest")], file="events.yaml")
    assert [found.verdict for found in examine(runtime, ["calendars"])] == ["ok"]


def drift(runtime: Runtime) -> list[tuple[str, str]]:
    return [(finding.verdict, finding.words) for finding in examine(runtime, ["drift"])]


def remember(runtime: Runtime, *, ours: bool, windows: tuple[str, ...], told: bool = True) -> None:
    """What a look of a beat left behind; the domain has a window to come."""
    ledger = runtime.ledger
    ledger.redis.zadd(ledger.keys.domains, {"d": ledger.now() + 60})
    each = Remembered("foreign", "live/news", "it was not placed by Relaybeat", ours, windows, 1.0, told)
    ledger.drifts.remember("d", {str(each): each}, ())


def test_where_nothing_was_found_to_differ_all_is_well(runtime: Runtime) -> None:
    remember(runtime, ours=False, windows=())
    remember(runtime, ours=True, windows=("news@1",), told=False)
    assert drift(runtime) == [("ok", "nothing of ours was found to differ at the provider")]


def test_a_relay_of_somebody_else_in_the_way_of_a_window_is_a_failure_before_the_night(
    runtime: Runtime,
) -> None:
    remember(runtime, ours=False, windows=("news@1",))
    assert drift(runtime) == [("fail", "d/live/news: it was not placed by Relaybeat")]


def test_what_is_ours_and_differs_is_mended_and_only_warned_of(runtime: Runtime) -> None:
    remember(runtime, ours=True, windows=("news@1",))
    ((verdict, words),) = drift(runtime)
    assert (verdict, words.split()[0]) == ("warn", "1")


def test_of_many_in_the_way_a_few_are_named(runtime: Runtime) -> None:
    for n in range(7):
        remember(runtime, ours=False, windows=(f"news@{n}",))
    found = drift(runtime)
    assert (len(found), found[-1][1]) == (6, "and 2 more of these")


def test_where_all_have_the_same_data_one_line_says_which(runtime: Runtime) -> None:
    own = runtime.planner.edition
    runtime.changeover.show(runtime.ledger.now())
    (found,) = examine(runtime, ["data"])
    assert (found.verdict, found.words) == ("ok", f"no window is planned yet; it would be by {own}")


def test_a_worker_with_other_data_is_told_with_what_differs(runtime: Runtime) -> None:
    now = runtime.ledger.now()
    older = Edition((("rules", "0"), *runtime.planner.edition.parts[1:]))
    runtime.ledger.editions.show(older, now)
    (other,) = (found for found in examine(runtime, ["data"]) if found.verdict == "warn")
    assert (other.what, other.words) == ("data of a worker", "differs: rules 1 -> 0")


def test_a_machine_with_other_data_than_the_workers_is_told_so(runtime: Runtime) -> None:
    older = Edition((("rules", "0"), *runtime.planner.edition.parts[1:]))
    runtime.ledger.redis.hset(runtime.ledger.keys.edition, "by", str(older))
    (own,) = (found for found in examine(runtime, ["data"]) if found.verdict == "warn")
    assert (own.what, own.words) == ("data of this machine", "differs: rules 0 -> 1")
