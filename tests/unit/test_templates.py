"""What templates say, they can say in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from worker.language.chinese import CHINESE

TEMPLATES = sorted((Path(__file__).parents[2] / "worker/web/templates").glob("*.html"))


def phrases(tree: nodes.Template) -> Iterator[str]:
    """Texts that are said: given to ``_`` as they are, or by a loop over a list of such."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            yield from (const.value for const in _within(call.args[0]))
    for loop in tree.find_all(nodes.For):
        names = {call.args[0].name for call in _said(loop) if isinstance(call.args[0], nodes.Name)}
        targets = loop.target.items if isinstance(loop.target, nodes.Tuple) else [loop.target]
        for n, target in enumerate(targets):
            if isinstance(target, nodes.Name) and target.name in names:
                yield from _listed(loop.iter, n if len(targets) > 1 else None)


def _said(node: nodes.Node) -> Iterator[nodes.Call]:
    for call in node.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            yield call


def _within(node: nodes.Node) -> Iterator[nodes.Const]:
    if isinstance(node, nodes.Const):
        yield node
    elif isinstance(node, nodes.CondExpr):
        yield from _within(node.expr1)
        if node.expr2:
            yield from _within(node.expr2)


def _listed(found: nodes.Node, place: int | None) -> Iterator[str]:
    for each in found.items if isinstance(found, nodes.Tuple | nodes.List) else ():
        chosen = each if place is None else each.items[place] if isinstance(each, nodes.Tuple) else None
        if isinstance(chosen, nodes.Const):
            yield chosen.value


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_phrase_of_a_template_has_its_chinese_with_the_same_fields(path: Path) -> None:
    for english in phrases(Environment().parse(path.read_text(encoding="utf-8"))):
        assert english in CHINESE
        assert _fields(CHINESE[english]) == _fields(english)


def test_templates_say_enough_for_that_to_mean_something() -> None:
    found = {english for path in TEMPLATES for english in phrases(Environment().parse(path.read_text()))}
    assert len(found) > 150
    assert {"Needs you", "Week", "Took"} <= found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_in_a_template_is_trusted_blindly(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
