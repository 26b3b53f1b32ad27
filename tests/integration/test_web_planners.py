"""What planners find on their pages: calendar, day sheet, wall and events, out of a real ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.visitor import Node, Visitor, read
from worker.applying import digest
from worker.events.load import parse_events
from worker.ledger.records import WindowRecord
from worker.provider.emulator.options import DEMO_KEYS, Options
from worker.provider.emulator.server import serving
from worker.runtime import Runtime
from worker.sense import Speaker
from worker.settings import Settings
from worker.web.desk import Desk

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SECRET = "rtmp://origin.example.com/live/streamkey-geheim"
ANN = Speaker("ann", "football instead")


class Newsroom(Visitor):
    """A planner, and what is in the plan."""

    def now(self) -> float:
        return self.runtime.ledger.now()

    def day(self, ahead: int = 40) -> date:
        """A day beyond the horizon, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC).date() + timedelta(days=ahead)

    def works(self) -> None:
        """A beat and a worker do what is due by now."""
        self.runtime.remember()
        for window_id in self.runtime.tick():
            self.runtime.attempts.run(window_id)

    def plans(self, *events: Mapping[str, Any]) -> None:
        defaults = {"timezone": "UTC", "domain": "pull.example.com", "app": "live", "lead": "24h"}
        shared = {"duration": "1h", "stream": "{id}", "sources": [SECRET]}
        text = json.dumps(
            {
                "version": 1,
                "defaults": defaults,
                "calendars": {"us": {"country": "US"}},
                "events": [shared | {"title": e["id"]} | e for e in events],
            }
        )
        loaded = parse_events(text.encode(), "events.yaml")
        assert not loaded.problems, loaded.problems
        self.runtime.ledger.plans.put([(e, digest(e)) for e in loaded.events], file="events.yaml")
        self.runtime.planner.tick(self.now(), by="beat")

    def window(self, event: str) -> WindowRecord:
        return next(iter(self.runtime.ledger.reading.windows([event], 0, float("inf"))))


@pytest.fixture
def room(redis_url: str) -> Newsroom:
    return Newsroom(Runtime(Settings(redis_url=redis_url)))


@pytest.fixture
def working_room(redis_url: str, tmp_path: Path) -> Iterator[Newsroom]:
    """One with a provider."""
    with serving(Options(quota=1_000)) as provider:
        settings = Settings(
            redis_url=redis_url,
            provider_url=provider,
            credentials=DEMO_KEYS,
            quota=1_000,
            state_dir=tmp_path,
            journal=tmp_path / "journal",
        )
        runtime = Runtime(settings)
        with closing(runtime.provider):
            yield Newsroom(runtime)


def show(event: str, at: float | datetime, **changes: Any) -> dict[str, Any]:
    """An event that airs once a year, from the minute of ``at`` in UTC."""
    start = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return {"id": event, "cron": f"{start.minute} {start.hour} {start.day} {start.month} *"} | changes


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def cell(page: Node, day: date) -> Node:
    """The day of a calendar."""
    (found,) = (td for td in page.all("td") if td.all("time", datetime=day.isoformat()))
    return found


def entries(page: Node, day: date) -> list[str]:
    return [each.text for each in cell(page, day).all("a", class_="entry")]


def rows(page: Node) -> list[list[str]]:
    return [
        [each.text for each in row.inner if isinstance(each, Node)] for row in page.one("tbody").all("tr")
    ]


def titles(wall: Node) -> list[str]:
    """What comes next, by the last word of its line."""
    return [b.text.split()[-1] for b in wall.one("ol", class_="coming").all("b")]


def test_a_planner_finds_a_film_of_next_month_that_is_not_planned_yet(room: Newsroom) -> None:
    day = room.day()
    room.plans(show("film", at(day, 20)))
    page = room.sees(f"/month?month={day:%Y-%m}")
    assert entries(page, day) == ["○ 20:00 film, planned"]
    (link,) = cell(page, day).all("a", class_="entry")
    assert link.attributes["href"] == f"/windows/film%40{day:%Y%m%d}T200000Z"


def test_what_runs_past_midnight_is_on_both_days(room: Newsroom) -> None:
    day = room.day()
    room.plans(show("film", at(day, 23), duration="3h"))
    week = room.sees(f"/week?week={day:%G-W%V}")
    assert entries(week, day) == ["○ 23:00 film, planned"]
    after = day + timedelta(days=1)
    page = room.sees(f"/month?month={after:%Y-%m}")
    assert entries(page, after) == ["○ –02:00 film, planned"]


def test_what_plays_often_does_not_hide_the_shows(room: Newsroom) -> None:
    day = room.day()
    room.plans({"id": "bulletin", "cron": "0 * * * *", "duration": "5m"}, show("film", at(day, 20)))
    found = entries(room.sees(f"/month?month={day:%Y-%m}"), day)
    assert found == ["○ 20:00 film, planned", "○ 00:00 ×24 bulletin, planned"]


def test_many_windows_of_a_day_are_told_by_the_worst_of_them(room: Newsroom) -> None:
    day = room.day()
    room.plans({"id": "spots", "cron": "*/15 * * * *", "duration": "5m"})
    Desk(room.runtime).verbs.cancel(f"spots@{day:%Y%m%d}T000000Z", ANN)
    page = room.sees(f"/week?week={day:%G-W%V}")
    assert entries(page, day) == ["○ 00:15 ×96 spots, planned"]


def test_on_the_wall_the_end_of_what_began_days_ago_counts_from_today(working_room: Newsroom) -> None:
    room = working_room
    now = room.now() // MINUTE * MINUTE
    room.plans(show("film", now - 36 * HOUR, duration="38h"))
    room.works()
    ends, today = (datetime.fromtimestamp(moment, UTC) for moment in (now + 2 * HOUR, now))
    days = (ends.date() - today.date()).days
    (playing,) = room.sees("/wall").one("ol", class_="playing").all("li")
    assert playing.one("time").text == f"{ends:%H:%M}" + f" (+{days})" * bool(days)


def test_a_calendar_of_one_event_or_stream_has_nothing_else(room: Newsroom) -> None:
    day = room.day()
    room.plans(show("film", at(day, 20)), show("news", at(day, 18), stream="first"))
    for wanted in ("event=film", "stream=film"):
        page = room.sees(f"/month?month={day:%Y-%m}&{wanted}")
        assert entries(page, day) == ["○ 20:00 film, planned"]
        assert wanted in page.one("a", rel="next").attributes["href"]


def test_what_is_called_off_beyond_the_horizon_says_so(room: Newsroom) -> None:
    day = room.day()
    room.plans(show("film", at(day, 20)))
    Desk(room.runtime).verbs.cancel(f"film@{day:%Y%m%d}T200000Z", ANN)
    page = room.sees(f"/week?week={day:%G-W%V}")
    assert entries(page, day) == ["– 20:00 film, cancelled"]


def test_the_calendar_leads_from_leaf_to_leaf(room: Newsroom) -> None:
    page = room.sees("/month?month=2026-12")
    leads = [page.one("a", rel=rel).attributes["href"] for rel in ("prev", "next")]
    assert leads == ["/month?month=2026-11", "/month?month=2027-01"]


@pytest.mark.parametrize(
    "path", ["/month?month=2026-13", "/week?week=soon", "/sheet?day=2026-02-30", "/sheet?day=x"]
)
def test_what_is_no_month_week_or_day_is_not_found(room: Newsroom, path: str) -> None:
    assert room.gets(path).status_code == 404


def test_days_off_and_the_change_of_the_clock_stand_on_their_days(room: Newsroom) -> None:
    room.plans({"id": "show", "cron": "0 20 * * *", "timezone": "America/New_York", "skip": ["us.holidays"]})
    page = room.sees("/month?month=2026-11")
    assert cell(page, date(2026, 11, 1)).one("p", class_="jump").text == "01:00–02:00 comes twice"
    assert cell(page, date(2026, 11, 26)).one("p", class_="off").text == "Thanksgiving Day"


def test_the_calendar_is_told_in_chinese(room: Newsroom) -> None:
    page = room.sees("/month?month=2026-11&lang=zh")
    assert page.one("h1").text == "2026年11月"
    assert [th.text for th in page.one("thead").all("th")][:2] == ["周一", "周二"]


def test_times_are_those_of_the_events_or_of_utc_and_named(room: Newsroom) -> None:
    day = room.day()
    room.plans(show("film", at(day, 20), timezone="Asia/Shanghai"))
    own, utc = (room.sees(f"/sheet?day={day}{more}") for more in ("", "&zone=utc"))
    assert (rows(own)[0][:2], rows(utc)[0][:2]) == (["20:00", "21:00"], ["12:00", "13:00"])
    assert "Asia/Shanghai" in own.one("p", class_="zone").text
    assert "UTC" in utc.one("p", class_="zone").text


def test_a_day_sheet_has_what_plays_that_day_and_room_to_sign(room: Newsroom) -> None:
    day = room.day()
    room.plans(show("film", at(day, 20), stream="hk-1"), show("other", at(day + timedelta(days=1), 20)))
    page = room.sees(f"/sheet?day={day}")
    (row,) = rows(page)
    assert row[:5] == ["20:00", "21:00", "1h", "hk-1", "film"]
    assert row[6] == "○ planned"
    assert [th.text for th in page.all("th", class_="sign")] == ["On air at", "Off air at", "Initials"]
    assert row[-3:] == ["", "", ""]


def test_no_page_tells_a_stream_key(room: Newsroom) -> None:
    day = room.day(1)
    room.plans(show("film", at(day, 20)))
    for path in (f"/sheet?day={day}", f"/month?month={day:%Y-%m}", "/events", "/events/film", "/wall"):
        assert "geheim" not in room.gets(path).text
    assert "rtmp://origin.example.com/live/***" in room.gets(f"/sheet?day={day}").text


def test_a_title_is_text_wherever_it_stands(room: Newsroom) -> None:
    soon = room.now() + HOUR
    day = datetime.fromtimestamp(soon, UTC).date()
    room.plans(show("film", soon, title="<script>alert(1)</script>"))
    for path in (f"/sheet?day={day}", f"/month?month={day:%Y-%m}", "/events", "/events/film", "/wall"):
        answer = room.gets(path)
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text


def test_a_day_without_anything_says_so(room: Newsroom) -> None:
    assert "Nothing is planned for this day." in room.sees("/sheet").one("main").text


def test_the_wall_tells_what_is_on_air_until_when_and_what_comes_next(
    working_room: Newsroom,
) -> None:
    room = working_room
    now = room.now() // MINUTE * MINUTE
    ends = datetime.fromtimestamp(now + 2 * HOUR, UTC)
    room.plans(
        show("film", now - HOUR, duration="3h"), show("late", now + 2 * HOUR), show("soon", now + HOUR)
    )
    room.works()
    page = room.sees("/wall")
    (playing,) = page.one("ol", class_="playing").all("li")
    assert playing.one("b").text == "film"
    assert playing.one("time").attributes["datetime"] == f"{ends:%Y-%m-%dT%H:%M:%S}+00:00"
    assert titles(page) == ["soon", "late"]


def test_the_wall_is_alarmed_by_what_should_be_on_air_and_is_not(room: Newsroom) -> None:
    room.plans(show("film", room.now() - HOUR, duration="3h"))
    page = room.sees("/wall")
    assert page.one("section", class_="alarm").one("b").text == "film"
    assert "planned, late" in page.one("section", class_="alarm").text
    assert page.one("title").text.startswith("(1)")


def test_the_wall_shows_a_show_that_plays_often_once(room: Newsroom) -> None:
    room.plans({"id": "bulletin", "cron": "*/15 * * * *", "duration": "5m"}, show("film", room.now() + HOUR))
    assert titles(room.sees("/wall")) == ["bulletin", "film"]


def test_whoever_polls_the_wall_gets_it_once(room: Newsroom) -> None:
    room.plans(show("film", room.now() + HOUR))
    first = room.gets("/wall/live")
    assert "film" in first.text
    assert "csrf" not in first.text
    again = room.gets("/wall/live", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_calm_wall_says_so(room: Newsroom) -> None:
    page = room.sees("/wall")
    assert page.all("section", class_="alarm") == []
    assert page.one("p", class_="calm").text == "✓ Nothing needs you"


def test_events_are_listed_with_their_rule_and_what_comes_next(room: Newsroom) -> None:
    day = room.day()
    room.plans({"id": "news", "cron": "0 20 * * *"}, show("film", at(day, 20)))
    film, news = rows(room.sees("/events"))
    assert news[1] == "every day at 20:00 for 1h"
    assert news[3] in {"○ planned", "▶ on air", "! planned, late"}
    assert film[2] == f"{day:%a} {day} 20:00 UTC"


def test_events_are_found_by_any_part_of_their_names(room: Newsroom) -> None:
    room.plans(
        {"id": "news", "cron": "0 20 * * *", "title": "晚间新闻"}, {"id": "film", "cron": "0 20 * * *"}
    )
    assert [row[0] for row in rows(room.sees("/events?q=新闻"))] == ["晚间新闻 news"]
    assert "No event is called like that." in room.sees("/events?q=sport").one("main").text


def test_a_long_list_goes_on_on_another_page(room: Newsroom) -> None:
    room.plans(*({"id": f"show-{n:03}", "cron": "0 20 * * *"} for n in range(101)))
    first = room.sees("/events")
    assert len(rows(first)) == 100
    last = room.sees(first.one("a", rel="next").attributes["href"])
    assert [row[0] for row in rows(last)] == ["show-100 show-100"]


def test_an_event_tells_its_windows_to_come_and_what_differs_from_its_rule(room: Newsroom) -> None:
    day = room.day()
    change = {"on": day.isoformat(), "start": "21:00", "reason": "Gala at eight"}
    room.plans({"id": "news", "cron": "0 20 * * *", "exceptions": [change]})
    page = room.sees("/events/news")
    assert len(rows(page)) == 12
    assert "Gala at eight" in page.one("ul", class_="changes").text


def test_somebody_who_may_operate_pauses_an_event_and_resumes_it(room: Newsroom) -> None:
    room.plans({"id": "news", "cron": "0 20 * * *"})
    answer = room.posts("/events/news/pause", reason="studio is being rebuilt")
    assert (answer.status_code, answer.headers["location"]) == (303, "/events/news")
    page = room.sees("/events/news")
    assert "studio is being rebuilt" in page.one("p", class_="remark").text
    assert "ann" in page.one("p", class_="remark").text
    assert room.posts("/events/news/resume").status_code == 303
    assert room.runtime.ledger.overrides.pauses() == {}


def test_a_pause_can_cut_what_is_on_air(room: Newsroom) -> None:
    room.plans({"id": "news", "cron": "0 20 * * *"})
    form = room.sees("/events/news").one("form", action="/events/news/pause")
    assert form.one("label", class_="check").one("input", name="force").attributes["type"] == "checkbox"
    room.posts("/events/news/pause", reason="fire drill", force="1")
    assert room.runtime.ledger.overrides.pauses()["news"].cut


def test_a_special_is_added_on_the_clock_of_its_event(room: Newsroom) -> None:
    day = room.day(3)
    room.plans({"id": "news", "cron": "0 20 * * *", "timezone": "Asia/Shanghai"})
    answer = room.posts(
        "/events/news/add",
        start=f"{day}T10:30",
        duration="45m",
        stream="special",
        sources="",
        reason="budget",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/windows/news@{day:%Y%m%d}T023000Z")
    window = room.runtime.ledger.reading.window(f"news@{day:%Y%m%d}T023000Z").window
    assert (window.end - window.start, window.slot.stream, window.reason) == (
        45 * MINUTE,
        "special",
        "budget",
    )


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("pause", {"reason": ""}, "a reason is missing"),
        ("add", {"start": "tomorrow", "duration": "1h", "reason": "x"}, "'tomorrow' is not a time"),
        ("add", {"start": "2036-01-01T10:00", "duration": "long", "reason": "x"}, "'long' is not a duration"),
        ("add", {"start": "2036-01-01T10:00", "duration": "0m", "reason": "x"}, "'0m' is no length"),
    ],
)
def test_what_makes_no_sense_is_shown_again_with_what_is_wrong(
    room: Newsroom, path: str, fields: dict[str, str], told: str
) -> None:
    room.plans({"id": "news", "cron": "0 20 * * *"})
    answer = room.posts(f"/events/news/{path}", **fields)
    assert answer.status_code == 409
    page = read(answer)
    assert told in page.one("section", role="alert").text
    typed = {i.attributes["name"]: i.attributes.get("value") for i in page.all("input")}
    assert {typed.get(name, value) or "" for name, value in fields.items()} == set(fields.values())


def test_whoever_may_only_read_is_offered_no_form_and_changes_nothing(room: Newsroom) -> None:
    room.plans({"id": "news", "cron": "0 20 * * *"})
    reader = Newsroom(room.runtime, "read")
    assert reader.sees("/events/news").one("main").all("form") == []
    assert reader.posts("/events/news/pause", reason="because").status_code == 403
    assert room.runtime.ledger.overrides.pauses() == {}


def test_a_form_of_another_session_changes_nothing(room: Newsroom) -> None:
    room.plans({"id": "news", "cron": "0 20 * * *"})
    assert room.posts("/events/news/pause", reason="because", csrf="guessed").status_code == 403
    assert room.runtime.ledger.overrides.pauses() == {}


def test_an_event_that_nobody_knows_is_not_found(room: Newsroom) -> None:
    assert room.gets("/events/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/month", "/week", "/sheet", "/wall", "/events", "/events/news"])
def test_without_redis_each_page_says_so(path: str) -> None:
    nobody = Newsroom(Runtime(Settings(redis_url="redis://127.0.0.1:1/0")))
    assert nobody.gets(path).status_code == 503


def test_a_wall_that_finds_no_redis_looks_again_by_itself() -> None:
    nobody = Newsroom(Runtime(Settings(redis_url="redis://127.0.0.1:1/0")))
    (again,) = (
        meta
        for meta in read(nobody.gets("/wall", Accept="text/html")).all("meta")
        if "http-equiv" in meta.attributes
    )
    assert again.attributes["content"] == "15"
