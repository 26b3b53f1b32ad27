"""The first page and that of one window, out of a real ledger: what they say, to whom, and what they do."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.visitor import Node, Visitor, read
from worker.applying import digest
from worker.conditions import Kind, Level, of_window
from worker.events.load import parse_events
from worker.ledger.records import WindowRecord
from worker.provider.emulator.options import DEMO_KEYS, Options
from worker.provider.emulator.server import serving
from worker.runtime import Runtime
from worker.settings import Settings
from worker.web.timeline import range_of

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SECRET = "streamkey-geheim"
SOURCE = f"rtmp://origin.example.com/live/{SECRET}"


class Desk(Visitor):
    """Somebody at the page, a plan, a provider, and a worker that works when it is told to."""

    def now(self) -> float:
        return self.runtime.ledger.now()

    def plans(self, *events: Mapping[str, Any]) -> None:
        defaults = {"timezone": "UTC", "domain": "pull.example.com", "app": "live", "lead": "24h"}
        shared = {"duration": "1h", "stream": "{id}", "sources": [SOURCE]}
        told = [shared | {"title": each["id"]} | dict(each) for each in events]
        text = json.dumps({"version": 1, "defaults": defaults, "events": told})
        loaded = parse_events(text.encode(), "events.yaml")
        assert not loaded.problems, loaded.problems
        self.runtime.ledger.plans.put([(e, digest(e)) for e in loaded.events], file="events.yaml")
        self.runtime.planner.tick(self.now(), by="beat")

    def works(self) -> None:
        self.runtime.remember()
        for window_id in self.runtime.tick():
            self.runtime.attempts.run(window_id)

    def meets(self, *faults: str) -> None:
        address = f"{self.runtime.settings.provider_url}/_emulator/faults"
        httpx.post(address, json={"Faults": faults}, trust_env=False).raise_for_status()

    def window(self, event: str) -> WindowRecord:
        return next(iter(self.runtime.ledger.reading.windows([event], 0, float("inf"))))

    def path(self, event: str) -> str:
        return f"/windows/{self.window(event).window.id}"

    def as_(self, role: str) -> Desk:
        return Desk(self.runtime, role)


@pytest.fixture
def desk(redis_url: str, tmp_path: Path) -> Iterator[Desk]:
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
            yield Desk(runtime)


def show(event: str, start: float, **changes: Any) -> dict[str, Any]:
    """An event that airs once a year, from the minute of ``start``."""
    at = datetime.fromtimestamp(start, UTC)
    return {"id": event, "cron": f"{at.minute} {at.hour} {at.day} {at.month} *"} | changes


def soon(desk: Desk, hours: float = 2) -> float:
    return desk.now() + hours * HOUR


def bar(page: Node, event: str) -> Node:
    """The bar of an event's only window."""
    (found,) = (
        a for a in page.all("a", class_="bar") if a.attributes["href"].startswith(f"/windows/{event}")
    )
    return found


def needs(page: Node) -> Node:
    return page.one("section", class_="needs")


def place(of: Node) -> dict[str, float]:
    """The numbers of a style attribute, in which nothing else may stand."""
    found = re.findall(r"--(\w+):(-?[\d.]+)(?:;|$)", of.attributes["style"])
    assert ";".join(f"--{name}:{value}" for name, value in found) == of.attributes["style"]
    return {name: float(value) for name, value in found}


def test_a_bar_says_what_it_is_and_leads_to_its_window(desk: Desk) -> None:
    desk.plans(show("film", soon(desk), title="Late Film"))
    found = bar(desk.sees("/"), "film")
    window = desk.window("film").window
    when = f"{datetime.fromtimestamp(window.start, UTC):%a %Y-%m-%d %H:%M}–"
    assert found.attributes["aria-label"].startswith(f"Late Film, {when}")
    assert found.attributes["aria-label"].endswith("UTC, planned")
    assert found.attributes["href"].replace("%40", "@") == desk.path("film")


def test_a_bar_stands_where_its_time_is(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    page = desk.sees("/?view=6h")
    picture, window = page.one("div", id="picture"), desk.window("film").window
    since, until = (int(picture.attributes[f"data-{name}"]) for name in ("from", "to"))
    assert (since, until) == range_of("6h", desk.now(), "UTC")
    (li,) = (li for li in page.all("li") if li.attributes.get("id") == f"l-{window.id}")
    stands = place(li)
    assert stands["l"] == pytest.approx(100 * (window.start - since) / (until - since), abs=0.001)
    assert stands["w"] == pytest.approx(100 * (window.end - window.start) / (until - since), abs=0.001)


def test_on_a_good_day_nothing_needs_anybody(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    desk.works()
    page = desk.sees("/")
    assert needs(page).text == "Needs you ✓ Nothing needs you"
    assert page.one("title").text == "Relaybeat"


def test_a_failure_comes_first_with_its_reason_and_a_way_to_try_again(desk: Desk) -> None:
    desk.plans(show("film", soon(desk), title="Late Film"), show("news", soon(desk, 30)))
    desk.meets("Create:RequestForbidden:100%")
    desk.works()
    page = desk.sees("/")
    (trouble,) = needs(page).all("li", class_="trouble")
    assert "failed" in trouble.text
    assert desk.window("film").reason in trouble.text
    hrefs = [a.attributes["href"].replace("%40", "@") for a in trouble.all("a", class_="button")]
    assert hrefs == [f"{desk.path('film')}?do=retry", desk.path("film")]
    assert page.one("title").text == "(1) Relaybeat"


def test_failures_of_one_event_are_one_line_and_what_can_still_be_saved_comes_first(desk: Desk) -> None:
    desk.plans(
        {"id": "spots", "cron": "*/15 * * * *", "duration": "5m"}, show("film", soon(desk, 5), title="Film")
    )
    desk.meets("Create:InvalidParam:100%")
    desk.works()
    page = desk.sees("/")
    spots, film = needs(page).all("li", class_="trouble")
    assert (spots.one("b").text, film.one("b").text) == ("spots", "Film")
    assert re.search(r"and \d+ more", spots.text)
    assert page.one("title").text.startswith("(2)")


def test_a_window_on_another_clock_than_the_axis_names_its_zone(desk: Desk) -> None:
    desk.plans(
        show("film", soon(desk)),
        show("news", soon(desk, 1)),
        {"id": "tokyo", "cron": "0 * * * *", "timezone": "Asia/Tokyo"},
    )
    page = desk.sees("/")
    (coming,) = page.all("section", class_="next")
    told = {li.one("b").text: [small.text for small in li.all("small")] for li in coming.all("li")}
    assert told["film"] == []
    assert told["tokyo"] == ["Asia/Tokyo"]


def test_what_the_watch_found_stands_there_in_the_words_of_its_alert(desk: Desk) -> None:
    desk.plans(show("film", soon(desk), title="Late Film"))
    condition = of_window(desk.window("film").window, Kind.SOURCE_DEAD, Level.PAGE, "sources")
    desk.runtime.ledger.alerts.judge({"sources": [condition]}, desk.now())
    (trouble,) = needs(desk.sees("/")).all("li", class_="page")
    assert "a source does not answer" in trouble.text
    assert "源没有应答" in needs(desk.sees("/?lang=zh")).text


def test_what_comes_next_stands_in_order_and_counts_from_its_start(desk: Desk) -> None:
    desk.plans(show("second", soon(desk, 3)), show("first", soon(desk, 1)))
    (section,) = desk.sees("/").all("section", class_="next")
    assert [b.text for b in section.all("b")] == ["first", "second"]
    assert section.all("span", class_="count")[0].attributes["data-until"] == str(
        desk.window("first").window.start
    )


@pytest.mark.parametrize("query", ["event=film", "stream=film", "q=LATE", "state=planned&q=film"])
def test_a_filter_leaves_what_it_names(desk: Desk, query: str) -> None:
    desk.plans(show("film", soon(desk), title="Late Film"), show("news", soon(desk)))
    page = desk.sees(f"/?{query}")
    assert [a.one("b").text for a in page.all("a", class_="bar")] == ["Late Film"]


def test_a_filter_that_finds_nothing_says_so_and_leads_out(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    page = desk.sees("/?state=failed")
    assert "No window is like that in this time." in page.text
    assert any(a.text == "Show everything" for a in page.all("a"))


def test_the_table_has_the_same_windows_as_the_picture(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)), show("news", soon(desk, 3)), show("late", soon(desk, 30)))
    drawn = {a.attributes["href"] for a in desk.sees("/").all("a", class_="bar")}
    listed = {a.attributes["href"] for a in desk.sees("/?show=table").one("tbody").all("a")}
    assert drawn == listed
    assert len(drawn) == 2


def test_windows_too_narrow_to_be_hit_are_counted_in_one(desk: Desk) -> None:
    desk.plans({"id": "desk", "cron": "*/10 * * * *", "duration": "5m", "lead": "10m"})
    page = desk.sees("/?view=7d")
    crowds = page.all("a", class_="many")
    assert 6 <= len(crowds) <= 8
    assert any("144×" in crowd.text for crowd in crowds)
    assert all("view=" in crowd.attributes["href"] or "at=" in crowd.attributes["href"] for crowd in crowds)
    closer = desk.sees(crowds[2].attributes["href"])
    assert all("6×" in crowd.text for crowd in closer.all("a", class_="many"))


def test_two_shows_of_a_short_while_are_counted_in_one_that_names_both(desk: Desk) -> None:
    start = soon(desk)
    desk.plans(
        show("news", start, duration="20m", stream="one", title="News"),
        show("weather", start + 1_500, duration="5m", stream="one", title="Weather"),
    )
    (crowd,) = desk.sees("/?view=7d").all("a", class_="many")
    assert crowd.text.startswith("○ 2×")
    assert crowd.text.endswith("News, Weather")


def test_what_does_not_fit_is_said_with_a_way_to_narrow_it(desk: Desk) -> None:
    desk.plans(*({"id": f"s{n}", "cron": "5 */2 * * *", "duration": "90m"} for n in range(80)))
    page = desk.sees("/")
    assert len(page.all("a", class_="bar")) <= 600
    assert "more streams do not fit into the picture" in page.text
    assert len(desk.sees("/?q=s71").all("a", class_="bar")) >= 9


def test_five_hundred_windows_are_sent_in_less_than_a_hundred_kilobytes(desk: Desk) -> None:
    desk.plans(*({"id": f"s{n}", "cron": "5 */2 * * *", "duration": "90m"} for n in range(54)))
    page = desk.gets("/", **{"Accept-Encoding": "identity"})
    assert len(read(page).all("a", class_="bar")) >= 500
    parts = [page, *(desk.gets(f"/static/relaybeat.{kind}") for kind in ("css", "js"))]
    sizes = [len(gzip.compress(part.content)) for part in parts]
    assert sum(sizes) < 100_000
    assert sum(sizes[1:]) <= 12 * 1024


def test_the_live_part_is_not_sent_again_to_who_has_it(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    first = desk.gets("/live")
    again = desk.gets("/live", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_live_part_is_sent_again_once_something_changed(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    tag = desk.gets("/live").headers["etag"]
    desk.works()
    answer = desk.gets("/live", **{"If-None-Match": tag})
    assert answer.status_code == 200
    assert bar(read(answer), "film").attributes["aria-label"].endswith("placed")


def test_the_page_knows_the_tag_of_what_it_shows(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    tag = desk.sees("/").one("div", id="live").attributes["data-tag"]
    assert desk.gets("/live", **{"If-None-Match": tag}).status_code == 304


def test_the_live_part_is_the_same_for_everybody(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    assert len({desk.as_(role).gets("/live").content for role in ("none", "read", "operate")}) == 1
    assert "csrf" not in desk.gets("/live").text


def test_the_line_of_now_is_drawn_without_a_script_and_is_in_nothing_that_is_kept(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    assert 0 < place(desk.sees("/").one("i", class_="now"))["l"] < 100
    assert not read(desk.gets("/live")).all("i", class_="now")
    yesterday = int(desk.now()) - 2 * DAY
    assert not desk.sees(f"/?at={yesterday}").all("i", class_="now")


def test_titles_are_text_whatever_they_hold(desk: Desk) -> None:
    title = '<script>alert("1")</script>\'"><img src=x>'
    desk.plans(show("film", soon(desk), title=title))
    for path in ("/", "/?show=table", "/live", desk.path("film")):
        page = desk.sees(path)
        assert title in page.text
        assert not page.all("img")
        assert all(script.attributes.get("src") and not script.inner for script in page.all("script"))


def test_what_is_asked_for_is_text_too(desk: Desk) -> None:
    page = desk.sees("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&event=%3Cb%3E")
    assert len(page.all("script")) == 1
    assert page.one("input", name="q").attributes["value"] == '"><script>alert(1)</script>'


def test_no_page_shows_a_key_of_a_source(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    desk.works()
    paths = ("/", "/live", "/?show=table", desk.path("film"), f"{desk.path('film')}?do=override")
    assert all(SECRET not in desk.gets(path).text for path in paths)
    assert "rtmp://origin.example.com/live/***" in desk.gets(desk.path("film")).text


def test_nothing_inline_but_places_of_bars(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)), show("news", soon(desk)))
    for path in ("/", desk.path("film")):
        page = desk.sees(path)
        assert not page.all("style")
        nodes = [*page.all("li"), *page.all("i"), *page.all("ol"), *page.all("span")]
        assert all(place(node) for node in nodes if "style" in node.attributes)


def test_a_window_is_told_on_its_own_clock_and_in_utc(desk: Desk) -> None:
    desk.plans({"id": "news", "cron": "0 20 * * *", "timezone": "Asia/Shanghai", "title": "晚间新闻"})
    page = desk.sees(desk.path("news"))
    assert "20:00 – 21:00 Asia/Shanghai" in page.text
    assert " 12:00 – " in page.one("dl").text
    assert page.one("h1").text == "晚间新闻"


def test_a_window_tells_who_did_what_and_what_the_provider_said(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    desk.works()
    page = desk.sees(desk.path("film"))
    attempts, history = (section.one("tbody").text for section in page.all("section") if section.all("tbody"))
    assert "create ✓ ok" in attempts
    assert "HTTP 200" in attempts
    assert "placed" in history
    assert desk.runtime.name in history


def test_scripts_that_ask_for_json_are_shown_the_api(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    answer = desk.gets(desk.path("film"), Accept="application/json")
    assert answer.headers["location"] == f"/api/v1{desk.path('film')}"


def test_a_window_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.gets("/windows/film@20260101T000000Z", Accept="text/html").status_code == 404


def test_who_may_only_read_sees_no_form_and_changes_nothing(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    reader = desk.as_("read")
    page = reader.sees(desk.path("film"))
    assert not [form for form in page.all("form") if form.attributes["action"].startswith("/windows")]
    assert "sign in as somebody who may operate" in page.text
    assert reader.posts(f"{desk.path('film')}/cancel", reason="no").status_code == 403
    assert desk.window("film").state == "planned"


def test_somebody_tries_a_failure_again_and_sees_what_came_of_it(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    desk.meets("Create:RequestForbidden:100%")
    desk.works()
    assert desk.sees(f"{desk.path('film')}?do=retry").one("details", id="do-retry").attributes["open"] == ""
    answer = desk.posts(f"{desk.path('film')}/retry", reason="the account may again")
    desk.meets()
    assert answer.status_code == 303
    page = desk.sees(answer.headers["location"])
    (done,) = page.all("div", class_="done")
    assert "retried" in done.text
    assert "a worker places it within seconds" in done.text
    desk.works()
    assert bar(desk.sees("/"), "film").attributes["aria-label"].endswith("placed")


def test_history_says_who_called_it_off_and_why(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    desk.posts(f"{desk.path('film')}/cancel", reason="football instead")
    newest = desk.sees(desk.path("film")).all("tbody")[-1].all("tr")[0]
    assert [cell.text for cell in newest.all("td")][1:] == [
        "cancelled",
        "cancelled",
        "ann",
        "football instead",
    ]
    assert "Put it back" in desk.sees(desk.path("film")).text


def test_a_verb_without_its_reason_changes_nothing_and_keeps_what_was_typed(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    answer = desk.posts(f"{desk.path('film')}/override", start="2026-01-01T10:00", stream="other")
    assert answer.status_code == 409
    page = read(answer)
    assert "a reason is missing" in page.one("div", class_="refusal").text
    form = page.one("details", id="do-override")
    assert form.one("input", name="start").attributes["value"] == "2026-01-01T10:00"
    assert form.one("input", name="stream").attributes["value"] == "other"
    assert "open" in form.attributes


def test_what_makes_no_sense_is_refused_in_words(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    answer = desk.posts(f"{desk.path('film')}/stop", reason="enough")
    assert answer.status_code == 409
    assert "is not on air" in read(answer).one("div", class_="refusal").text


def test_what_is_so_already_is_said_to_have_changed_nothing(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    answer = desk.posts(f"{desk.path('film')}/clear", reason="as planned")
    assert answer.status_code == 200
    assert "Nothing changed" in read(answer).one("div", class_="done").text


def test_a_window_is_let_run_longer(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    before = desk.window("film").window.end
    assert desk.posts(f"{desk.path('film')}/extend", longer="30m").status_code == 303
    assert desk.window("film").window.end == before + 1_800


def test_one_time_is_changed_and_what_was_left_alone_stays(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    window = desk.window("film").window
    form = desk.sees(desk.path("film")).one("details", id="do-override")
    typed = {name: form.one("input", name=name).attributes["value"] for name in ("start", "end", "stream")}
    later = datetime.fromtimestamp(window.end + HOUR, UTC).strftime("%Y-%m-%dT%H:%M")
    answer = desk.posts(f"{desk.path('film')}/override", **(typed | {"end": later}), reason="extra time")
    assert answer.status_code == 303
    after = desk.window("film").window
    assert (after.start, after.end) == (window.start, window.end + HOUR)
    assert (after.slot, after.sources) == (window.slot, window.sources)
    assert "As in the file again" in desk.sees(desk.path("film")).text


def test_the_form_repeats_the_stream_and_the_time_before_anything_is_done(desk: Desk) -> None:
    desk.plans(show("film", soon(desk), title="Late Film", stream="cctv-2"))
    effect = desk.sees(desk.path("film")).one("details", id="do-cancel").one("p", class_="effect").text
    clock = datetime.fromtimestamp(desk.window("film").window.start, UTC).strftime("%H:%M")
    assert effect.startswith("Late Film · cctv-2 · ")
    assert f"{clock}–" in effect
    assert "UTC" in effect
    assert "Its relay is removed" in effect


def test_neighbours_on_the_slot_are_named_and_linked(desk: Desk) -> None:
    start = soon(desk)
    other = {"stream": "cctv-2", "sources": ["rtmp://other.example.com/live/x"]}
    desk.plans(show("film", start, stream="cctv-2"), show("news", start + 600, **other))
    page = desk.sees(desk.path("news"))
    (link,) = (a for a in page.one("dl").all("a") if a.attributes["href"].startswith("/windows/film"))
    assert link.text.startswith("film, ")


def test_the_page_is_told_in_chinese_and_remembers_it(desk: Desk) -> None:
    desk.plans(show("film", soon(desk)))
    answer = desk.gets("/?lang=zh")
    assert read(answer).one("html").attributes["lang"] == "zh-CN"
    assert "即将播出" in answer.text
    assert "lang=zh" in answer.headers["set-cookie"]
    assert "需要处理" in desk.gets("/live", **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).text


def test_what_was_done_in_chinese_is_written_in_english_and_told_in_the_language_of_who_reads(
    desk: Desk,
) -> None:
    desk.plans(show("film", soon(desk)))
    path = desk.path("film")
    answer = desk.posts(f"{path}/extend?lang=zh", longer="30m", reason="加时")
    assert answer.status_code == 303
    assert "延长 30m，至 周" in desk.sees(f"{path}?lang=zh").text
    why = next(desk.runtime.ledger.revisions.words()).why
    assert re.fullmatch(r"extended by 30m, to (Mon|Tue|Wed|Thu|Fri|Sat|Sun) .* UTC: 加时", why)


def test_times_are_told_on_the_clock_that_is_wished_for(desk: Desk) -> None:
    desk.plans({"id": "news", "cron": "0 20 * * *", "timezone": "Asia/Shanghai"})
    first = desk.path("news")
    assert "20:00 – 21:00 Asia/Shanghai" in desk.sees(first).text
    assert "12:00 – 13:00 UTC" in desk.sees(f"{first}?zone=utc").text
    berlin = desk.gets(f"{first}?zone=local", Cookie="tz=America%2FBogota").text
    assert "America/Bogota" in berlin


def test_without_redis_people_are_told_what_to_do() -> None:
    gone = Visitor(Runtime(Settings(redis_url="redis://127.0.0.1:1/0")), "none")
    answer = gone.gets("/", Accept="text/html")
    assert answer.status_code == 503
    assert "Redis" in read(answer).text


def test_files_may_be_kept_for_ever_under_the_address_that_pages_give(desk: Desk) -> None:
    page = desk.sees("/")
    for src in (page.one("script").attributes["src"], page.one("link", rel="stylesheet").attributes["href"]):
        answer = desk.gets(src)
        assert "immutable" in answer.headers["cache-control"]
        assert desk.gets(src.partition("?")[0]).headers["cache-control"] == "no-cache"
    assert desk.gets("/static/../paper.py").status_code == 404
