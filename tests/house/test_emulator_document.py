"""docs/emulator.md says what the emulator does."""

from __future__ import annotations

import re
from pathlib import Path

import click

from tests.contract.account import Account
from worker.cli.emulator import emulator
from worker.provider.emulator.actions import ACTIONS
from worker.provider.emulator.admin import Admin
from worker.provider.emulator.faults import MEANINGS, PROFILES, parse_faults
from worker.provider.emulator.gateway import Gateway
from worker.provider.emulator.journal import KEPT
from worker.provider.emulator.options import DEMO_KEYS, Options

PAGE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def cells(text: str, columns: int) -> list[tuple[str, ...]]:
    rows = [
        tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in text.splitlines() if line[:1] == "|"
    ]
    return [row for row in rows if len(row) == columns and row[0].startswith("`")]


def test_every_option_is_documented_with_its_default() -> None:
    written = {name.strip("`"): default.strip("`") for name, default, _ in cells(section("Options"), 3)}
    options = {each.opts[0]: each for each in emulator.params if isinstance(each, click.Option)}
    assert written.keys() == options.keys()
    for name, option in options.items():
        assert not option.show_default or written[name] == str(option.default), name


def test_every_action_is_documented_with_its_method() -> None:
    written = {name.strip("`"): method for name, method, _ in cells(section("What it does"), 3)}
    assert written == {name: action.method for name, action in ACTIONS.items()}


def test_every_kind_of_fault_is_documented() -> None:
    written = dict(cells(section("Faults"), 2))
    for kind, meaning in MEANINGS.items():
        assert written[f"`{kind}`"] == meaning


def test_every_profile_is_documented() -> None:
    written = dict(cells(section("Faults"), 2))
    for name, faults in PROFILES.items():
        assert written[f"`{name}`"] == " ".join(f"`{fault}`" for fault in faults)


def test_every_fault_in_the_examples_can_be_used() -> None:
    examples = [spec.strip("`") for spec, _ in cells(section("Faults"), 2) if ":" in spec]
    assert len(examples) >= 6
    for spec in examples:
        assert parse_faults([spec], ACTIONS)


def test_every_admin_endpoint_is_documented() -> None:
    written = {request.strip("`") for request, *_ in cells(section("Behind the scenes"), 3)}
    routes = Admin(Gateway(Options())).routes()
    methods = {(method, route.path) for route in routes for method in route.methods or () if method != "HEAD"}
    assert written == {f"{method} /_emulator{path}" for method, path in methods}
    assert f"the last {KEPT:,} lines" in PAGE


def test_every_field_of_the_log_is_documented_and_every_count() -> None:
    account = Account(effect_lag=1.0)
    account.create()
    account.now += 2
    account.admin("clock", "POST", json={})
    lines = account.admin("log")["lines"]
    assert [line["kind"] for line in lines] == ["request", "effect", "admin"]
    written = set(re.findall(r"`(\w+)`", " ".join(name for name, *_ in cells(section("The log"), 3))))
    assert written == {name for line in lines for name in line}
    for name in account.admin("stats").keys() - {"requests", "by_action", "faults"}:
        assert f"`{name}`" in section("Behind the scenes")


def test_the_demo_keys_are_the_ones_it_names() -> None:
    assert PAGE.count(DEMO_KEYS.access_key) >= 3
    assert PAGE.count(DEMO_KEYS.secret_key) >= 3
