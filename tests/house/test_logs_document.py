"""``docs/logs.md`` has every word that a log line can begin with, how loud it is, and its facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.lifecycle import Mover, State, sources_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
LEVELS = {"say": "info", "warn": "warning"}
OWN_FIELDS = {"at", "level", "action", "message", "logger", "traceback"}
CALLS = [
    node
    for path in (ROOT / "worker").rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call)
    and isinstance(node.func, ast.Attribute)
    and isinstance(node.func.value, ast.Name)
    and (node.func.value.id, node.func.attr in LEVELS) == ("telemetry", True)
]


def words(call: ast.Call) -> Iterator[str]:
    """The action of a call; where it ends in a state, that of each."""
    match call.args[0]:
        case ast.Constant(value=str(action)):
            yield action
        case ast.JoinedStr(values=[ast.Constant(value="window."), ast.FormattedValue()]):
            yield from (f"window.{state}" for state in State if sources_of(state, Mover.ATTEMPT))
        case _:
            pytest.fail(f"line {call.lineno}: an action that nobody can list is not stable")


def said() -> dict[str, tuple[set[str], set[str]]]:
    """Every action with its levels and its facts."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for call in CALLS:
        assert isinstance(call.func, ast.Attribute)
        for action in words(call):
            levels, facts = found.setdefault(action, (set(), set()))
            levels.add(LEVELS[call.func.attr])
            facts |= {str(keyword.arg) for keyword in call.keywords}
    return found


def written() -> dict[str, tuple[set[str], set[str]]]:
    rows = re.findall(r"^\| ((?:`[a-z.-]+`(?:, )?)+) \| (\w+) \| ([^|]*) \| [^|]+ \|$", PAGE, re.MULTILINE)
    return {
        action: ({level}, set(re.findall(r"`(\w+)`", facts)))
        for actions, level, facts in rows
        for action in re.findall(r"`([a-z.-]+)`", actions)
    }


def test_every_action_is_listed_with_its_level_and_facts_and_none_besides() -> None:
    assert len(CALLS) > 20
    assert written() == said()


def test_no_fact_takes_the_place_of_what_every_line_has() -> None:
    assert not {fact for _, facts in said().values() for fact in facts} & OWN_FIELDS


def test_actions_are_two_words_with_a_dot_between() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", action) for action in said())
