"""``docs/events.md`` tells of every key of an events file, and what it shows is right."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tests.events_text import event, problems, show
from worker.events import document, fields, schema, values
from worker.events.schema import Calendar, Defaults, Dst, Entry, EventsFile, Exception_, Extra

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in DOCUMENT.split("\n## ")}
SAMPLES = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize(
    ("section", "model"),
    [
        ("The file", EventsFile),
        ("An event", Entry),
        ("Defaults", Defaults),
        ("Calendars", Calendar),
        ("Exceptions", Exception_),
        ("Extras", Extra),
        ("Clock changes", Dst),
    ],
)
def test_every_key_is_told_in_its_section(section: str, model: type[schema.BaseModel]) -> None:
    told = set(re.findall(r"`(\w+)[`:]", SECTIONS[section]))
    assert set(model.model_fields) <= told


def test_no_key_is_told_that_does_not_exist() -> None:
    keys = {
        name
        for row in re.findall(r"^\| (`.*?) \|", SECTIONS["An event"], re.M)
        for name in re.findall(r"\w+", row)
    }
    assert keys <= set(Entry.model_fields)


def test_the_calendars_that_are_shown_serve_the_event_that_is_shown() -> None:
    calendars, wishes = (sample for sample in SAMPLES if sample in SECTIONS["Calendars"])
    fields = dict(line.split(": ", 1) for line in wishes.splitlines())
    assert problems(show(**fields).replace("events:\n", f"{calendars}events:\n")) == ()


def test_the_first_sample_is_a_whole_file() -> None:
    assert problems(SAMPLES[0]) == ()


@pytest.mark.parametrize(("heading", "key"), [("Exceptions", "exceptions"), ("Extras", "extra")])
def test_samples_of_a_key_can_be_copied_into_an_event(heading: str, key: str) -> None:
    (sample,) = (s for s in SAMPLES if s.startswith(f"{key}:") and s in SECTIONS[heading])
    assert getattr(event(**{key: "\n" + textwrap.indent(sample.partition("\n")[2], "    ")}), key)


@pytest.mark.parametrize(
    "limit",
    [
        f"{document.MOST_BYTES // 1_000_000} MB",
        f"{document.MOST_VALUES:,} keys and values",
        f"1 to {schema.MOST_EVENTS:,}",
        f"up to {fields.MOST_DATES:,}",
        f"up to {fields.MOST_CRONS}",
        f"up to {fields.MOST_CALENDARS}",
        f"1 to {values.LONGEST_ID} of",
        f"1 to {values.LONGEST_APP} of",
        f"1 to {values.LONGEST_STREAM} of",
        f"at most {values.LONGEST_TITLE} characters",
        f"at most {values.LONGEST_REASON} characters",
        f"at most {fields.LONGEST_SOURCE:,} printable",
    ],
)
def test_limits_are_told_as_they_are(limit: str) -> None:
    assert limit in DOCUMENT
