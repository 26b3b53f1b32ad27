"""The calendar that people subscribe to: who may read it, what is in it, and when it is sent again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import icalendar
import pytest

from tests.doors import FAR, HERE, READ, Client, Door
from worker.applying import digest
from worker.errors import Refused
from worker.events.load import parse_events
from worker.ledger.feeds import MOST, Feed
from worker.sense import Speaker
from worker.verbs import Verbs

TRAP = "Film\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:never,planned;x"
SECRET = "rtmp://user:geheim-1@origin.example.com/live/geheim-2"
ADDRESS = re.compile(r'value="(http[^"]+\.ics)"')


@pytest.fixture
def door(redis_url: str) -> Door:
    """Of a ledger with two events, one of which has a title that is a trap."""
    door = Door(redis_url)
    shared = {"cron": "0 20 * * *", "duration": "1h", "stream": "{id}", "sources": [SECRET]}
    defaults = {"timezone": "Asia/Shanghai", "domain": "pull.example.com", "app": "live"}
    events = [{"id": "news", "title": "News"} | shared, {"id": "film", "title": "Film"} | shared]
    text = json.dumps({"version": 1, "defaults": defaults, "events": events})
    loaded = parse_events(text.encode(), "events.yaml")
    assert not loaded.problems
    runtime = door.runtime
    news, film = loaded.events
    trap = replace(film, title=TRAP)  # no file may hold it; whatever else wrote to the ledger might
    runtime.ledger.plans.put([(each, digest(each)) for each in (news, trap)], file="events.yaml")
    runtime.planner.tick(runtime.ledger.now(), by="beat")
    return door


def here(door: Door) -> Client:
    return door.client(HERE, address="127.0.0.1", html=False)


def key(door: Door, event: str = "") -> str:
    return door.runtime.ledger.feeds.make(
        Feed(name="Ben", event=event, by="Ada", at=door.runtime.ledger.now())
    )


def summaries(client: Client, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {str(each["SUMMARY"]) for each in icalendar.Calendar.from_ical(answer.content).events}


@pytest.mark.parametrize("form", ["/calendar/{}.ics", "/calendar.ics?key={}"])
def test_whoever_has_a_key_reads_the_calendar_from_anywhere(door: Door, form: str) -> None:
    answer = door.client(html=False).get(form.format(key(door)))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert len(icalendar.Calendar.from_ical(answer.content).events) > 2 * 30


@pytest.mark.parametrize(
    "path", ["/calendar/x.ics", "/calendar/.ics", "/calendar.ics?key=x", "/calendar/%00.ics"]
)
def test_a_key_that_never_was_opens_nothing(door: Door, path: str) -> None:
    assert door.client(html=False).get(path).status_code == 404
    assert here(door).get(path).status_code == 404


def test_a_revoked_key_opens_nothing_and_the_others_stay_open(door: Door) -> None:
    lost, kept = key(door), key(door)
    feeds = door.runtime.ledger.feeds
    known = feeds.of(lost)
    assert known
    feeds.revoke(known.id)
    codes = [door.client().get(f"/calendar/{each}.ics").status_code for each in (lost, kept)]
    assert codes == [404, 200]


def test_a_key_opens_the_calendar_and_nothing_else(door: Door) -> None:
    for path in ("/events", "/metrics", "/calendar"):
        assert door.client(html=False).get(f"{path}?key={key(door)}").status_code == 401


def test_a_key_of_one_event_shows_no_other(door: Door) -> None:
    client, of_news = door.client(html=False), key(door, "news")
    assert summaries(client, f"/calendar/{of_news}.ics") == {"News"}
    assert summaries(client, f"/calendar/{of_news}.ics?event=news") == {"News"}
    assert client.get(f"/calendar/{of_news}.ics?event=film").status_code == 404


def test_one_event_can_be_asked_for(door: Door) -> None:
    assert summaries(here(door), "/calendar.ics?event=news") == {"News"}
    assert here(door).get("/calendar.ics?event=nothing").json()["code"] == "unknown-event"


def test_a_title_stays_a_title_whatever_is_in_it(door: Door) -> None:
    told = summaries(here(door), "/calendar.ics")
    assert len(told) == 2
    assert all("never" not in each or each.startswith("Film") for each in told)


def test_no_source_is_in_it(door: Door) -> None:
    text = here(door).get("/calendar.ics").text.replace("\r\n ", "")
    assert "geheim" not in text
    assert "origin.example.com" not in text


def test_who_has_it_already_is_sent_nothing(door: Door) -> None:
    client = here(door)
    first = client.get("/calendar.ics")
    again = client.get("/calendar.ics", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_once_something_changed_it_is_sent_again(door: Door) -> None:
    client = here(door)
    first = client.get("/calendar.ics")
    window = str(icalendar.Calendar.from_ical(first.content).events[-1]["UID"])
    Verbs(door.runtime.planner, 300).cancel(window, Speaker("Ada", "football"))
    again = client.get("/calendar.ics", headers={"If-None-Match": first.headers["etag"]})
    [entry] = [e for e in icalendar.Calendar.from_ical(again.content).events if e["UID"] == window]
    assert (entry["STATUS"], "football" in entry["DESCRIPTION"]) == ("CANCELLED", True)


# The page on which addresses are made


def made(client: Client, **fields: str) -> str:
    word = re.findall(r'name="csrf" value="([^"]+)"', client.get("/calendar").text)[-1]
    answer = client.post("/calendar", data={"csrf": word, "name": "Ben", "event": ""} | fields)
    found = ADDRESS.search(answer.text)
    assert found, answer.text
    return unescape(found[1])


def test_an_operator_makes_an_address_that_is_shown_once_and_kept_nowhere(door: Door) -> None:
    operator = door.signed_in()
    address = made(operator, event="news")
    assert summaries(door.client(), address.removeprefix(FAR)) == {"News"}
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert secret not in operator.get("/calendar").text
    redis = door.runtime.ledger.redis
    assert secret not in str(redis.hgetall(door.runtime.ledger.keys.feeds))


def test_the_address_is_the_one_by_which_people_reach_the_page(redis_url: str) -> None:
    door = Door(redis_url, page_url="https://desk.example.com/")
    assert made(door.signed_in()).startswith("https://desk.example.com/calendar/")


def test_an_operator_closes_an_address(door: Door) -> None:
    operator = door.signed_in()
    address = made(operator)
    word = re.findall(r'name="csrf" value="([^"]+)"', operator.get("/calendar").text)[-1]
    [feed] = door.runtime.ledger.feeds.all()
    assert operator.post(f"/calendar/{feed.id}/revoke", data={"csrf": word}).status_code == 303
    assert door.client().get(address.removeprefix(FAR)).status_code == 404


def test_readers_see_who_subscribes_and_can_make_nothing(door: Door) -> None:
    key(door)
    page = door.signed_in(READ).get("/calendar").text
    assert "Ben" in page
    assert 'action="/calendar' not in page


def test_what_is_not_there_cannot_be_closed(door: Door) -> None:
    with pytest.raises(Refused, match="no calendar address"):
        door.runtime.ledger.feeds.revoke("")


def test_there_is_an_end_to_addresses(door: Door) -> None:
    for _ in range(MOST):
        key(door)
    with pytest.raises(Refused, match="already"):
        key(door)
