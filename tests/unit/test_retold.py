"""Sentences that are written down in English, told in Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from worker.language import speaking
from worker.language.retold import SENTENCES, retold

SAID = {
    each.value
    for path in (Path(__file__).parents[2] / "worker").rglob("*.py")
    if path.name != "retold.py"
    for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(each, ast.Constant) and isinstance(each.value, str)
}


_CLAUSES = re.compile("[:;,]| it | and ")
"""Where one sentence is put together from several."""


def chinese(english: str) -> str:
    with speaking("zh"):
        return retold(english)


@pytest.mark.parametrize("english", SENTENCES)
def test_every_sentence_is_one_that_the_product_says(english: str) -> None:
    parts = [each.strip(" ()") for part, *_ in Formatter().parse(english) for each in _CLAUSES.split(part)]
    assert [part for part in parts if not any(part in said for said in SAID)] == []


@pytest.mark.parametrize("english", SENTENCES)
def test_the_chinese_has_the_fields_of_the_english(english: str) -> None:
    fields = [{name for _, name, *_ in Formatter().parse(text)} for text in (english, SENTENCES[english])]
    assert fields[0] - {None} == fields[1] - {None}


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("planned again, with all its tries", "重新排定，重试次数归零"),
        (
            "extended by 30m, to Sat 2026-11-28 22:45 Asia/Shanghai: 加时赛",
            "延长 30m，至 周六 2026-11-28 22:45 Asia/Shanghai: 加时赛",
        ),
        ("resumed: the studio is back", "已恢复：the studio is back"),
        (
            "gives way to a@1 on d/live/s: that has priority 9 against 0",
            "在 d/live/s 让位于 a@1：后者优先级 9，高于 0",
        ),
        (
            "on Sat 2026-12-05 19:00 it overlaps 'zongyi' on d/live/s with other sources and gives way: "
            "'zongyi' has priority 9 against 0",
            "周六 2026-12-05 19:00 与 'zongyi' 在 d/live/s 上重叠且源不同，让位：'zongyi'优先级 9，高于 0",
        ),
        ("film@x is not on air: it is planned, late", "film@x 不在播出：已排定，晚点"),
        ("called off already: paused by ann: works", "此前已取消：已被 ann 暂停：works"),
        (
            "CreateRelaySourceV4: the provider failed; it may have taken effect all the same (HTTP 500); "
            "it says: Oops: try later",
            "CreateRelaySourceV4：云端内部出错；但可能已经生效（HTTP 500）；云端原话：Oops: try later",
        ),
    ],
)
def test_a_sentence_is_known_again_with_what_fills_it(english: str, told: str) -> None:
    assert chinese(english) == told


@pytest.mark.parametrize("said", ["editor wants it later", "late", "", "{braces}: and more", "改期"])
def test_what_people_wrote_stays_as_it_is(said: str) -> None:
    assert chinese(said) == said


def test_in_english_nothing_is_told_in_other_words() -> None:
    assert retold("it is being tried again already") == "it is being tried again already"
