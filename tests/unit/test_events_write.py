"""Events files that are written read back as what was meant, and look as a person would write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.programmes import CALENDARS, nights
from tests.programmes import files as programmes
from worker.events.document import Tree, compose, decode
from worker.events.load import parse_events
from worker.events.schema import Calendar, Defaults, Dst, Entry, EventsFile, Exception_, Extra
from worker.events.write import _ORDER, WIDEST, write_events

HOUSE = """\
version: 1
defaults: {timezone: Asia/Shanghai, domain: pull.example.com, app: live}
events:
  - id: nightly-news
    title: 晚间新闻
    cron: "0 20 * * *"
    duration: 2h
    stream: nightly-news
    sources: [rtmp://a.example.com/live/news, "srt://b.example.com:9000?streamid=news"]
    exceptions:
      - {on: 2026-12-24, start: "21:00", duration: 3h, reason: Christmas special}
      - {on: 2026-12-31, cancel: true, reason: Gala}
    extra:
      - {start: 2026-12-25T20:00, duration: 1h, reason: Repeat}
"""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
trees = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Tree:
    root, faults = compose(decode(text.encode()))
    assert not faults
    return root


def value(text: str, key: str = "title") -> str:
    """How one value of an event is written."""
    (line,) = [each for each in write_events({key: text}).splitlines() if each.startswith(f"{key}: ")]
    return line.removeprefix(f"{key}: ")


def test_what_is_written_in_the_style_of_the_house_is_written_so_again() -> None:
    assert write_events(dict(read(HOUSE))) == HOUSE  # type: ignore[arg-type]


@given(st.dictionaries(texts.filter(lambda key: key != "<<"), trees, min_size=1, max_size=4))
def test_whatever_is_written_reads_back_as_it_was(document: dict[str, Any]) -> None:
    assert read(write_events(document)) == document


@given(nights.flatmap(programmes))
def test_an_events_file_means_the_same_once_it_is_written_anew(events: list[dict[str, Any]]) -> None:
    head = {"version": 1, "defaults": {"domain": "pull.example.com", "app": "live"}, "calendars": CALENDARS}
    text = yaml.safe_dump(head | {"events": events}, allow_unicode=True)
    before = parse_events(text.encode(), "events.yaml")
    after = parse_events(write_events(dict(read(text))).encode(), "events.yaml")  # type: ignore[arg-type]
    assert (after.events, after.problems) == (before.events, ())


@pytest.mark.parametrize(
    "text", ["2026-12-24", "2026-12-24T20:00", "1h30m", "晚间新闻", "Late show", "live/a"]
)
def test_plain_values_stand_without_quotes(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    "text", ["20:00", "25:30", "0 20 * * *", "@daily", "1", "1e5", "no", "a: b", "a #b", ""]
)
def test_what_others_would_read_as_something_else_stands_in_quotes(text: str) -> None:
    assert value(text) == json.dumps(text)


@given(texts)
def test_no_text_but_a_date_means_something_else_to_yaml_1_1(text: str) -> None:
    plain = yaml.load(write_events({"title": text}), yaml.BaseLoader)["title"]
    told = yaml.safe_load(write_events({"title": text}))["title"]
    assert plain == text
    assert isinstance(told, str) or value(text)[:4].isdigit()


def test_numbers_and_truths_are_none_in_quotes_for_editors() -> None:
    assert yaml.safe_load(write_events({"priority": "-5", "paused": "true"})) == {
        "priority": -5,
        "paused": True,
    }


def test_what_is_too_wide_for_a_line_stands_below_each_other() -> None:
    sources = [f"rtmp://a.example.com/live/{n:040}" for n in range(3)]
    text = write_events({"events": [{"id": "show", "sources": sources}]})
    assert max(map(len, text.splitlines())) < WIDEST
    assert read(text) == {"events": [{"id": "show", "sources": sources}]}


def test_every_key_has_its_place() -> None:
    models = (EventsFile, Defaults, Calendar, Entry, Dst, Exception_, Extra)
    assert {name for model in models for name in model.model_fields} == set(_ORDER)
