"""``docs/metrics.md`` has every metric, and the rules and the dashboard ask for no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.ledgers import LATER, clocked
from tests.house.test_docs import anchors
from worker.conditions import Level
from worker.ledger.quota import Quota
from worker.metrics import metrics

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "metrics.md").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DOCS / "ops/prometheus-rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
BOARD: dict[str, Any] = json.loads((DOCS / "ops/grafana.json").read_text(encoding="utf-8"))
ASKED = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in BOARD["panels"] for target in panel["targets"]
]


@pytest.fixture
def told(redis_url: str) -> list[Metric]:
    """The families, with a call of each kind that makes a label."""
    ledger = clocked(redis_url)
    ledger.redis.hincrby(ledger.keys.outcomes, "ok", 1)
    text = metrics(ledger, Quota(ledger.redis, per_second=10), LATER).decode()
    ledger.redis.connection_pool.disconnect()
    return list(text_string_to_metric_families(text))


def series(found: list[Metric]) -> Iterator[tuple[str, dict[str, str]]]:
    return ((sample.name, sample.labels) for family in found for sample in family.samples)


def test_the_page_has_every_metric_with_its_type_labels_and_meaning(told: list[Metric]) -> None:
    rows = []
    for family in told:
        name, labels = family.samples[0].name, ", ".join(f"`{each}`" for each in family.samples[0].labels)
        rows.append(f"| `{name}` | {family.type} | {labels}{' ' if labels else ''}| {family.documentation} |")
    assert re.findall(r"^\| `.*", PAGE, re.MULTILINE) == rows


@pytest.mark.parametrize("expr", ASKED)
def test_rules_and_panels_ask_for_series_that_exist(told: list[Metric], expr: str) -> None:
    known = list(series(told))
    asked = re.findall(r"(relaybeat_\w+)(?:\{([^}]*)\})?", expr)
    assert asked
    for name, selector in asked:
        wanted = dict(re.findall(r'(\w+)="([^"]*)"', selector))
        assert any(name == each and wanted.items() <= labels.items() for each, labels in known), name


def test_each_rule_says_how_bad_it_is_what_it_is_and_where_to_read_on() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 7
    book = anchors((DOCS / "run-book.md").read_text(encoding="utf-8"))
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "warning"}
        assert rule["annotations"]["summary"]
        file, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert file == "docs/run-book.md"
        assert not anchor or anchor in book


def test_a_rule_stands_for_each_way_to_be_silent() -> None:
    asked = " ".join(rule["expr"] for rule in RULES)
    for sign in ('role="tick"', 'role="watch"', "next_unplaced", "lag", f'level="{Level.PAGE.name.lower()}"'):
        assert sign in asked


def test_the_panels_lie_side_by_side() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(places)


def test_each_panel_says_what_it_shows() -> None:
    assert all(panel["title"] and panel["description"] for panel in BOARD["panels"])
