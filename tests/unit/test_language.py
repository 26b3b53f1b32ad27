"""What people are told, in English and in Chinese, and a catalogue that is whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from worker.language import clauses, phrase, speaking, state_words
from worker.language.chinese import CHINESE
from worker.lifecycle import State
from worker.settings import language
from worker.views import NOTES, local_start

SOURCES = [
    ast.parse(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parents[2] / "worker").rglob("*.py")
    if path.name != "chinese.py"
]
"""The product without its catalogue."""


def texts(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value
    }


def called(name: str) -> Iterator[ast.expr]:
    """The first argument of each call of that function."""
    for source in SOURCES:
        for node in ast.walk(source):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node.args[0]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_english_is_spoken_until_another_language_is_asked_for_and_afterwards_again() -> None:
    told = [phrase("Fri")]
    with speaking("zh"):
        told.append(phrase("Fri"))
    assert [*told, phrase("Fri")] == ["Fri", "周五", "Fri"]


def test_values_take_their_places_in_either_language() -> None:
    assert phrase("{n} {state}", n=3, state="placed") == "3 placed"
    with speaking("zh"):
        assert phrase("{n} {state}", n=3, state=phrase("placed")) == "已就位 3"


def test_what_has_no_chinese_is_said_in_english_and_braces_in_it_stay() -> None:
    with speaking("zh"):
        assert phrase("by {hand}") == "by {hand}"


def test_clauses_are_joined_as_the_language_does_and_empty_ones_left_out() -> None:
    assert clauses("one", "", "two") == "one; two"
    with speaking("zh"):
        assert clauses("一", "", "二") == "一；二"


def test_a_state_and_what_follows_from_it_are_said_together() -> None:
    assert state_words("planned, late") == "planned, late"
    with speaking("zh"):
        assert state_words("planned, late") == "已排定，晚点"


def test_a_weekday_is_said_in_the_language_spoken() -> None:
    assert local_start("Asia/Shanghai", 1795780800) == "Fri 2026-11-27 20:00"
    with speaking("zh"):
        assert local_start("Asia/Shanghai", 1795780800) == "周五 2026-11-27 20:00"


@pytest.mark.parametrize("english", CHINESE)
def test_both_languages_have_the_same_fields(english: str) -> None:
    assert CHINESE[english]
    assert fields(CHINESE[english]) == fields(english)


def test_every_phrase_of_the_product_has_its_chinese() -> None:
    assert {text for argument in called("phrase") for text in texts(argument)} - CHINESE.keys() == set()


def test_every_heading_of_a_table_has_its_chinese() -> None:
    headings = [argument for argument in called("print_table") if isinstance(argument, ast.Tuple)]
    assert len(headings) > 5
    assert {text for each in headings for text in texts(each)} - CHINESE.keys() == set()


def test_every_state_and_every_note_has_its_chinese() -> None:
    assert {*State, *NOTES.values()} - CHINESE.keys() == set()


def test_nothing_is_in_the_catalogue_that_the_product_does_not_say() -> None:
    said = set().union(*map(texts, SOURCES))
    assert CHINESE.keys() - said - {"still placed", "late", "over"} == set()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "C", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_locale_tells_the_language(environment: dict[str, str], expected: str) -> None:
    assert language(environment) == expected
