"""What people read at night: what, where, when, why, and what to do; many of a kind as one."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from tests.build import NOW, window
from worker.alerts.notes import MANY, notes
from worker.alerts.wording import LANGS, WORDINGS, Lang
from worker.conditions import Condition, Kind, Level, of_window
from worker.ledger.alerts import Message, What

SCOPE = "air:pull.example.com"


def message(
    kind: Kind = Kind.DARK, what: What = "began", n: int = 0, level: Level = Level.PAGE, **facts: Any
) -> Message:
    shown = window(NOW + 60 * n, 7_200, event=f"news-{n}", title=f"News {n}")
    condition = of_window(shown, kind, level, SCOPE, cause="source-unreachable", **facts)
    return Message(id=f"{n}-0", what=what, at=NOW + 180.0, since=float(NOW), condition=condition)


def text(*messages: Message, lang: Lang = "en", page: str = "http://desk") -> str:
    return "\n".join(f"{note.title}\n{note.text}" for note in notes(messages, lang, page))


def test_a_note_names_event_stream_window_cause_next_step_and_command() -> None:
    told = text(message(code="InvalidParam", request_id="20261123ABC"))
    for part in (
        "[PAGE] News 0: dark",
        "Event: News 0 (news-0)",
        "Stream: pull.example.com/live/",
        "For: 3m",
        "Cause: none of its sources answers",
        "Provider: InvalidParam RequestId 20261123ABC",
        "Next: ",
        "Run: relaybeat verify news-0@",
        "Page: http://desk/windows/news-0@",
    ):
        assert part in told


def test_the_window_is_told_in_its_own_zone() -> None:
    assert "Asia/Shanghai" in text(message())


def test_a_recovery_says_so_and_asks_for_nothing() -> None:
    told = text(message(what="recovered"))
    assert "[Recovered] News 0: dark" in told
    assert "Next" not in told


def test_what_is_over_is_not_spoken_of() -> None:
    assert notes([message(what="over")], "en") == []


def test_many_of_a_kind_on_a_domain_are_one_note() -> None:
    (note,) = notes([message(n=n) for n in range(12)], "en")
    assert note.title == "[PAGE] 12 windows on pull.example.com: dark, nothing is on air"
    assert note.text.count("\n- ") + 1 == 6
    assert "and 7 more" in note.text
    assert len(note.messages) == 12


def test_a_few_are_told_one_by_one() -> None:
    assert len(notes([message(n=n) for n in range(MANY - 1)], "en")) == MANY - 1


def test_the_worst_comes_first() -> None:
    mixed = [message(Kind.SOURCE_DEAD, level=Level.WARN), message(Kind.DARK, n=1)]
    assert [note.level for note in notes(mixed, "en")] == [Level.PAGE, Level.WARN]


def test_what_began_and_ended_in_between_is_told_as_both() -> None:
    both = notes([message(), message(what="recovered")], "en")
    assert [note.recovered for note in both] == [False, True]


def test_no_address_is_told_whole() -> None:
    assert "s3cret" not in text(message(why="rtmp://u:s3cret@a.example.com/live/news refused"))


@pytest.mark.parametrize("kind", sorted({*Kind} - {Kind.DAILY_SHEET}))
@pytest.mark.parametrize("lang", LANGS)
def test_every_kind_has_words_in_every_language(kind: Kind, lang: Lang) -> None:
    about_windows = message(kind)
    bare = Condition(kind=kind, level=Level.WARN, scope="x")
    for condition in (about_windows.condition, bare):
        (note,) = notes([Message(id="1", what="began", at=NOW, since=NOW, condition=condition)], lang)
        assert WORDINGS[kind].what.on(lang) in note.title
        assert "{" not in note.text


def test_chinese_is_chinese() -> None:
    assert "[紧急] News 0：断流" in text(message(), lang="zh")
    assert "命令：relaybeat verify" in text(message(), lang="zh")
    assert "时段：周" in text(message(), lang="zh")


def test_every_outcome_but_the_end_of_a_window_is_told() -> None:
    assert {what for what in get_args(What) if notes([message(what=what)], "en")} == {
        "began",
        "worse",
        "recovered",
        "told",
    }
