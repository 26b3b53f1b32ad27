"""What ``check`` warns of: allowed, and still a surprise on the night."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.build import window
from tests.events_text import HEAD, SHOW, show
from worker.advice import Neighbours, advise
from worker.events.load import parse_events
from worker.events.problems import Problem
from worker.neighbours import meetings

NOW = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
AT_NINE = {"id": "other", "cron": '"0 21 * * *"'}
NOON = {"id": "other", "cron": '"0 12 * * *"', "duration": "12h"}
SETTLE = 300


def warnings(*shows: str) -> list[Problem]:
    """The warnings about a file of these shows; the first begins on line 4, each has four or more lines."""
    text = HEAD + "".join(text.removeprefix(HEAD) for text in shows)
    loaded = parse_events(text.encode(), "events.yaml")
    assert not loaded.problems
    return advise(loaded, NOW, SETTLE)


def film(**changes: str | None) -> str:
    """Another show that wants the stream of the first."""
    return show(**{"id": "other", "stream": "show", "sources": "[https://b.example.com/film]"} | changes)


def test_a_plain_nightly_show_is_no_cause_for_concern() -> None:
    assert warnings(show()) == []


def test_two_shows_on_one_stream_at_once_are_told_once_with_who_gives_way_and_why() -> None:
    (found,) = warnings(show(), film(**AT_NINE))
    assert (found.line, found.event) == (8, "other")
    assert found.message == (
        "on Sun 2026-11-22 21:00 it overlaps 'show' on pull.example.com/live/show with other sources"
        " and gives way: 'show' starts first"
    )


def test_the_show_with_the_higher_priority_has_the_stream() -> None:
    (found,) = warnings(show(), film(**AT_NINE, priority="5"))
    assert (found.line, found.event) == (4, "show")
    assert found.message.endswith("gives way: 'other' has priority 5 against 0")


def test_shows_that_start_together_go_by_name() -> None:
    (found,) = warnings(show(), film(cron=SHOW["cron"]))
    assert found.message.endswith("'other' comes first by name")


def test_one_programme_on_one_stream_is_no_cause_for_concern_however_it_is_cut() -> None:
    assert warnings(show(), show(**AT_NINE, stream="show")) == []
    assert warnings(show(), show(id="other", cron='"0 22 * * *"', stream="show")) == []


def test_shows_that_share_no_stream_may_air_together() -> None:
    assert warnings(show(), film(**AT_NINE, stream="other")) == []


def test_streams_are_compared_as_they_are_filled_in() -> None:
    assert warnings(show(stream='"{id}"'), film(**AT_NINE, stream='"{id}"')) == []
    assert warnings(show(stream='"x-{start:%Y}"'), film(**AT_NINE, stream='"x-{start:%Y}"'))


def test_a_show_that_overlaps_itself_is_told() -> None:
    special = "{on: 2026-11-24T20:00, sources: [https://b.example.com/x], reason: x}"
    found, _ = warnings(show(cron='"0 * * * *"', exceptions=f"[{special}]"))
    assert "it overlaps another of its own windows on" in found.message


def test_a_stream_that_never_pauses_is_told_once_to_be_carried_on() -> None:
    (found,) = warnings(show(cron='"0 0 * * *"', duration="12h"), show(**NOON, stream="show"))
    assert found.message == (
        "on Sun 2026-11-29 00:00 it is part of more than 7 days without a pause on"
        " pull.example.com/live/show: an update carries the relay on every 6 days, while it is on air"
    )


def test_a_window_longer_than_a_relay_is_told_to_be_carried_on() -> None:
    (found,) = warnings(show(cron='"0 0 1 * *"', duration="12d"))
    assert "it lasts more than 7 days without a pause" in found.message


def test_pads_count_as_air_time() -> None:
    follower = film(cron='"10 22 * * *"', pad_before="11m")
    assert "overlaps 'show'" in warnings(show(), follower)[0].message


@pytest.mark.parametrize(("minute", "told"), [(0, "starts 0 s after"), (4, "starts 240 s after"), (5, None)])
def test_a_follower_needs_the_time_that_the_provider_takes_to_act(minute: int, told: str | None) -> None:
    found = warnings(show(), film(cron=f'"{minute} 22 * * *"'))
    assert [told in problem.message for problem in found] == ([True] if told else [])


def test_a_permanent_event_leaves_its_stream_to_nobody() -> None:
    radio = show(id="radio", cron=None, duration=None, permanent="true", stream="show")
    assert "overlaps" in warnings(radio, film(**AT_NINE))[0].message


def test_a_paused_event_is_in_nobodys_way() -> None:
    assert warnings(show(), film(**AT_NINE, paused="true")) == []


def test_a_start_that_the_clock_skips_is_told_with_its_date() -> None:
    (found,) = warnings(
        show(timezone="Europe/Berlin", cron='"30 2 * * *"', duration="10m", dst="{fold: first}")
    )[:1]
    assert found.message.startswith("on Sun 2027-03-28 03:00")


def test_a_start_that_the_clock_shows_twice_is_told() -> None:
    found = warnings(show(timezone="Europe/Berlin", cron='"30 2 * * *"', duration="10m"))
    assert any("twice" in problem.message and "2027-10-31" in problem.message for problem in found)


def test_a_length_that_the_clock_cannot_show_is_told_and_an_end_on_the_clock_is_not() -> None:
    berlin = {"timezone": "Europe/Berlin", "cron": '"0 22 * * *"'}
    (found,) = warnings(show(**berlin, duration="8h"))
    assert "on Sat 2027-03-27 22:00 to 07:00 UTC+2 (+1) the clock changes while it runs" in found.message
    assert warnings(show(**berlin, duration=None, end="06:00")) == []


def test_an_exception_that_means_no_occurrence_is_told_on_its_line() -> None:
    exceptions = "".join(f"\n      - {{on: 2026-12-{day}, cancel: true, reason: x}}" for day in (24, 26))
    (found,) = warnings(show(cron='"0 20 * * sat"', exceptions=exceptions))
    assert (found.line, found.field) == (9, "exceptions[0].on")


def test_an_exception_for_a_time_that_the_date_has_not_names_weekday_and_time() -> None:
    (found,) = warnings(show(exceptions="[{on: 2026-12-24T21:00, cancel: true, reason: x}]"))
    assert found.message == "there is no occurrence on Thu 2026-12-24 21:00 to change"


def test_an_event_that_is_over_for_good_is_told() -> None:
    (found,) = warnings(show(valid_until="2026-11-01"))
    assert found.message == "it never starts again"


def test_warnings_come_in_order_of_line() -> None:
    over = {"valid_until": "2026-11-01"}
    found = warnings(show(**over), show(**AT_NINE, **over), show(id="third", **over))
    assert [problem.line for problem in found] == [4, 9, 14]


def test_a_thousand_events_on_one_stream_are_told_in_a_bounded_number_of_steps() -> None:
    crowd = [film(id=f"show-{n}", sources=f"[https://{n}.example.com/x]") for n in range(1_000)]
    assert 0 < len(warnings(*crowd)) <= 1_000


def test_a_line_with_the_seconds_first_as_other_programs_have_them_is_told() -> None:
    (found,) = (w for w in warnings(show(cron='"0 0 20 * * *"')) if w.field)
    assert (found.line, found.field, found.hint) == (5, "cron", "if the first was meant, write 0 20 * * *")


def test_a_line_with_both_kinds_of_days_is_told_to_mean_either() -> None:
    (found,) = warnings(show(cron='"0 20 13 * 5"'))
    assert "as well" in found.message


@pytest.mark.parametrize("line", ["0 20 * * 5", "0 20 13 * ?", "0 20 * * * 30", "@daily"])
def test_a_line_that_reads_alike_everywhere_is_no_cause_for_concern(line: str) -> None:
    assert warnings(show(cron=f'"{line}"')) == []


BIWEEKLY = {"cron": None, "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "dtstart": "2026-11-02T20:00"}


def test_a_rule_that_does_not_start_at_its_dtstart_is_told_with_its_first_start() -> None:
    (found,) = warnings(show(**BIWEEKLY | {"dtstart": "2026-11-04T20:00"}))
    assert (found.line, found.field) == (8, "dtstart")
    assert found.message == "nothing starts at 2026-11-04T20:00: the first start is 2026-11-16T20:00"


def test_one_rule_of_several_that_starts_at_dtstart_is_enough() -> None:
    assert warnings(show(**BIWEEKLY | {"rrule": "[FREQ=WEEKLY;BYDAY=FR, FREQ=WEEKLY;BYDAY=MO]"})) == []


@pytest.mark.parametrize(
    ("rule", "dtstart", "said"),
    [
        ("FREQ=MONTHLY", "2026-10-31T20:00", "leaves out the months that have no day 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=30", "2026-10-30T20:00", "leaves out the months that have no day 30"),
        ("FREQ=YEARLY", "2028-02-29T20:00", "starts in leap years alone"),
        (
            "FREQ=YEARLY;BYMONTHDAY=16",
            "2026-10-16T20:00",
            "names a day and no month, and starts in every month",
        ),
    ],
)
def test_a_rule_that_surprises_is_told(rule: str, dtstart: str, said: str) -> None:
    (found,) = warnings(show(cron=None, rrule=rule, dtstart=dtstart))
    assert (found.field, found.message) == ("rrule", f"{rule!r} {said}")


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "FREQ=DAILY"]
)
def test_a_rule_for_the_last_day_of_the_month_is_no_cause_for_concern(rule: str) -> None:
    assert warnings(show(cron=None, rrule=rule, dtstart="2026-10-31T20:00")) == []


def test_what_is_on_air_now_is_seen_by_what_comes_next_though_it_began_before() -> None:
    on_air = film(cron='"0 7 * * *"', duration="2h")  # NOW is eight in the morning
    (found,) = warnings(show(cron='"30 8 22 11 *"'), on_air)
    assert (found.event, found.message.partition(" it ")[2]) == (
        "show",
        "overlaps 'other' on pull.example.com/live/show with other sources and gives way:"
        " 'other' starts first",
    )


def test_of_what_is_on_air_now_nothing_is_told_that_cannot_be_changed() -> None:
    (found,) = warnings(show(cron='"30 8 22 11 *"', priority="1"), film(cron='"0 7 22 11 *"', duration="2h"))
    assert found.message.endswith("and has its place: it has priority 1 against 0")


def test_who_gives_way_to_something_that_nobody_asked_about_is_told_that_and_nothing_else() -> None:
    loaded = parse_events((HEAD + show().removeprefix(HEAD)).encode(), "events.yaml")
    first, second = window(event="show"), window(event="show", sources=("https://b",), priority=-1)
    asked = Neighbours(loaded, SETTLE, lambda each: each is second)
    met = meetings([first, second], SETTLE)[second.id]
    (found,) = asked.about((second, met))
    assert "gives way" in found.message
