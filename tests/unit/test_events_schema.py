"""The JSON Schema that editors use: in step with the model, and of one mind with the checker."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.events_text import HEAD, problems, show
from worker.events.schema import json_schema

SHIPPED = resources.files("worker.events").joinpath("events.schema.json").read_text(encoding="utf-8")
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SHIPPED))


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: dates, times and yes are texts."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("null", r"null|~|", ["n", "~", ""]),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def accepted(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.load(text, EditorLoader))


def test_the_shipped_schema_is_the_one_the_model_gives() -> None:
    assert json_schema() == SHIPPED, "python -m worker.events.schema > worker/events/events.schema.json"


def test_the_shipped_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SHIPPED))


def test_every_key_tells_editors_what_it_is_for() -> None:
    document = json.loads(SHIPPED)
    for shape in (document, *document["$defs"].values()):
        assert all(field.get("description") for field in shape["properties"].values())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_editors_accept_the_examples(path: Path) -> None:
    VALIDATOR.validate(yaml.load(path.read_text(encoding="utf-8"), EditorLoader))


GOOD: list[dict[str, str | None]] = [
    {},
    {"duration": "90"},
    {"duration": "1h30m"},
    {"duration": None, "end": "25:30"},
    {"cron": '["0 20 * * *", "@daily"]'},
    {"stream": '"{id}-{start:%Y%m%d}"'},
    {"exceptions": "[{on: 2026-12-24T20:00, cancel: true, reason: x}]"},
    {"extra": "[{start: 2026-12-24 20:00:00, reason: x}]"},
    {"dst": "{gap: skip, fold: both}", "paused": "false", "priority": "-3"},
    {"cron": None, "duration": None, "permanent": "true"},
]
BAD: list[dict[str, str | None]] = [
    {"id": None},
    {"id": "No"},
    {"duraton": "2h"},
    {"duration": "soon"},
    {"duration": "''"},
    {"end": "48:00"},
    {"stream": "a/b"},
    {"stream": "{day}"},
    {"app": "a" * 31},
    {"sources": "[]"},
    {"sources": "[ftp://a.example.com/x]"},
    {"sources": "[rtmp://a.example.com/x, rtmp://a.example.com/x]"},
    {"paused": "yes"},
    {"priority": "high"},
    {"dst": "{gap: leap}"},
    {"exceptions": "[{on: 2026-12-24, cancel: true}]"},
    {"extra": "[{start: 2026-12-24, reason: x}]"},
    {"skip": "[cn.days]"},
    {"cron": "[]"},
]


@pytest.mark.parametrize("changes", GOOD)
def test_editors_accept_what_check_accepts(changes: dict[str, str | None]) -> None:
    assert (problems(show(**changes)), accepted(show(**changes))) == ((), True)


@pytest.mark.parametrize("changes", BAD)
def test_editors_mark_what_the_shape_of_a_value_shows(changes: dict[str, str | None]) -> None:
    assert problems(show(**changes))
    assert not accepted(show(**changes))


@pytest.mark.parametrize(
    "head", ["version: 2", "version: 1\ncalendars: {cn: {country: China}}", "defaults: {}"]
)
def test_editors_mark_a_wrong_head(head: str) -> None:
    assert not accepted(show().replace(HEAD, f"{head}\nevents:\n"))
