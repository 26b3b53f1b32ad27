"""What people read at night: what, where, when, why, and what to do; many of a kind as one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from tests.build import NOW, window
from worker.alerts.notes import MANY, notes
from worker.alerts.wording import LANGS, WORDINGS, Lang
from worker.conditions import Condition, Kind, Level, of_window
from worker.errors import Forbidden, Unreachable
from worker.ledger.alerts import Message, What
from worker.vitals import of_refusal

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


def test_what_the_provider_said_is_told_once() -> None:
    error = Forbidden("no such key (Bad, HTTP 401, request R1)", vendor_code="Bad", request_id="R1")
    condition = of_refusal(error, "pull.example.com")
    told = text(Message(id="1", what="began", at=NOW, since=NOW, condition=condition))
    assert told.count("R1") == 1


def test_a_poor_stream_is_told_with_its_figures() -> None:
    assert "3.2 frames/s, 88 kbit/s" in text(message(Kind.DEGRADED, framerate=3.2, bitrate=88))


@pytest.mark.parametrize(
    ("differs", "told"),
    [
        ("times", "Wed 2026-11-18 18:06:40 - 19:06:40 Asia/Shanghai"),
        ("sources", "rtmp://b.example.com/live/***"),
    ],
)
def test_of_a_relay_that_differs_is_told_what_is_there(differs: str, told: str) -> None:
    listed: dict[str, Any] = {
        "listed_start": NOW - 3_600,
        "listed_end": NOW,
        "listed_source": "rtmp://b.example.com/live/x",
    }
    assert told in text(message(Kind.WRONG, differs=differs, **listed))


def test_the_window_is_told_in_its_own_zone() -> None:
    assert "Asia/Shanghai" in text(message())


def test_a_recovery_says_so_and_asks_for_nothing() -> None:
    told = text(message(what="recovered"))
    assert "[Recovered] News 0: dark" in told
    assert "Next" not in told


def test_of_what_recovered_is_told_as_of_the_past() -> None:
    told = text(message(what="recovered"))
    assert "Lasted: 3m" in told
    assert "Cause was: none of its sources answers" in told


def test_the_next_step_goes_by_the_cause() -> None:
    unknown = replace(message().condition, cause="unknown")
    told = text(replace(message(), condition=unknown))
    assert "Next: See the provider's console; tell its support the stream and the time." in told


def test_of_many_with_causes_of_their_own_the_next_step_goes_by_none_of_them() -> None:
    (note,) = notes([message(n=n, why=f"refusal {n}") for n in range(MANY)], "en")
    assert "Next: See whether its relay is there, and which source answers." in note.text


def test_what_was_found_at_a_source_is_told_in_chinese_too() -> None:
    dead = [("rtmp://a.example.com/live/***3e6e10", "silent")]
    told = text(message(Kind.SOURCE_DEAD, why="RTMP begins", dead=dead, used="srt://b:9000"), lang="zh")
    assert "rtmp://a.example.com/live/***3e6e10 能连上，但没有音视频数据；将使用 srt://b:9000" in told
    assert "RTMP begins" not in told


def test_what_the_provider_refused_is_told_in_chinese_too() -> None:
    why = "CreateRelaySourceV4: the service is not opened, or a bill is overdue (Bad, HTTP 403, request R1)"
    assert "CreateRelaySourceV4：服务未开通，或账单逾期（Bad" in text(
        message(Kind.FAILED, why=why), lang="zh"
    )


def test_what_ends_together_is_listed_by_time() -> None:
    (note,) = notes([message(what="recovered", n=n) for n in (2, 0, 1)], "en")
    assert [line[2:8] for line in note.text.splitlines()[:MANY]] == ["News 0", "News 1", "News 2"]


def test_what_is_over_is_not_spoken_of() -> None:
    assert notes([message(what="over")], "en") == []


def test_many_of_a_kind_on_a_domain_are_one_note() -> None:
    (note,) = notes([message(n=n) for n in range(12)], "en")
    assert note.title == "[PAGE] 12 windows on pull.example.com: dark, nothing is on air"
    assert note.text.count("\n- ") + 1 == 6
    assert "and 7 more" in note.text
    assert len(note.messages) == 12


def test_of_many_one_cause_is_told_and_no_one_of_them_is_meant_by_the_advice() -> None:
    (note,) = notes([message(n=n) for n in range(MANY)], "en", "http://desk/")
    assert note.text.splitlines()[MANY:] == [
        "Cause: none of its sources answers",
        "Next: Call whoever sends it, or use another: "
        "relaybeat override ID --source URL --reason WHY --force.",
        "Run: relaybeat verify",
        "Page: http://desk/",
    ]


def test_of_many_with_causes_of_their_own_that_of_the_first_is_told() -> None:
    (note,) = notes([message(n=n, why=f"refusal {n}") for n in range(MANY)], "en")
    assert "Cause of the first: none of its sources answers; refusal 0" in note.text


def test_many_domains_are_one_note_too() -> None:
    conditions = [of_refusal(Unreachable("no way"), f"{n}.example.com") for n in range(9)]
    (note,) = notes([Message(id="1", what="began", at=NOW, since=NOW, condition=c) for c in conditions], "en")
    assert note.title == "[PAGE] 0.example.com, 1.example.com, and 7 more: the provider does not answer"


def test_many_relays_of_others_are_streams_and_no_windows() -> None:
    def foreign(n: int) -> Message:
        facts = {"domain": "a.example.com", "slot": f"a.example.com/live/{n}"}
        condition = Condition(kind=Kind.FOREIGN, level=Level.WARN, scope=SCOPE, subject=str(n), facts=facts)
        return Message(id="1", what="began", at=NOW, since=NOW, condition=condition)

    (note,) = notes(map(foreign, range(MANY)), "zh")
    assert note.title == "[警告] a.example.com 的 3 路流：他人的拉流配置占用了这路流"


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
        "still",
        "recovered",
        "told",
    }
