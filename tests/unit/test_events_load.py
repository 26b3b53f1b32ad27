"""A whole file: every problem at once with its line, and never a traceback."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.events_text import DEFAULTS, HEAD, problem, problems, show
from worker.events.load import Loaded, load_events, parse_events, read_events
from worker.events.problems import MOST_PROBLEMS, EventsError

DATA = Path(__file__).parents[1] / "data"
EXAMPLES = Path(__file__).parents[2] / "examples"
MISTAKES = DATA / "fifty_mistakes.yaml"
DEMO = (EXAMPLES / "events.yaml").read_bytes()


def expected_mistakes() -> list[tuple[int, str]]:
    lines = enumerate(MISTAKES.read_text(encoding="utf-8").splitlines(), 1)
    return [(n, line.partition("#! ")[2]) for n, line in lines if "#! " in line]


def test_fifty_mistakes_are_told_at_once_each_on_its_own_line() -> None:
    lines = [line for line, _ in expected_mistakes()]
    assert [problem.line for problem in read_events(MISTAKES).problems] == lines
    assert len(lines) == 50


def test_each_of_fifty_mistakes_is_told_in_words_that_fit() -> None:
    for (_, part), found in zip(expected_mistakes(), read_events(MISTAKES).problems, strict=True):
        assert part in found.message


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert str(problem(show(lead="5m"))) == (
        "events.yaml:8: event 'show': lead: 5m is out of range (hint: write a duration between 10m and 7d)"
    )


def test_an_event_without_an_id_is_told_by_its_number() -> None:
    assert problem(show(id=None)).event == "#1"


def test_a_problem_in_a_value_used_twice_is_told_where_it_is_written() -> None:
    text = show(sources="&s [ftp://a.example.com/x]") + show(id="other", sources="*s").removeprefix(HEAD)
    assert [(p.line, p.event) for p in problems(text)] == [(8, "show"), (8, "other")]


def test_the_first_thousand_problems_are_told_and_the_rest_counted() -> None:
    events = "".join(f"- {{id: show-{n}}}\n" for n in range(400))
    loaded = parse_events(f"version: 1\ndefaults: {DEFAULTS}\nevents:\n{events}".encode(), "events.yaml")
    assert (len(loaded.problems), loaded.left_out) == (MOST_PROBLEMS, 200)
    assert str(EventsError(loaded.problems, loaded.left_out)).endswith("\nand 200 more")


def test_loading_gives_the_events_and_the_hash_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "events.yaml"
    path.write_text(show())
    loaded = load_events(path)
    assert [event.id for event in loaded.events] == ["show"]
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_loading_a_wrong_file_raises_with_every_problem() -> None:
    with pytest.raises(EventsError) as caught:
        load_events(MISTAKES)
    assert len(caught.value.problems) == len(str(caught.value).splitlines()) == 50


def test_a_warning_knows_its_line() -> None:
    found = parse_events(show().encode(), "events.yaml").warning("show", ("cron",), "look at this", "here")
    assert str(found) == "events.yaml:5: warning: event 'show': cron: look at this (hint: here)"


@pytest.mark.parametrize("name", ["missing.yaml", ".", "missing/file.yaml", "nul\0.yaml", "x" * 300])
def test_a_file_that_cannot_be_opened_is_a_problem_and_no_traceback(tmp_path: Path, name: str) -> None:
    (found,) = read_events(tmp_path / name).problems
    assert (found.line, found.hint) == (0, "check the path")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
@pytest.mark.parametrize("change", [lambda b: b.replace(b"\n", b"\r\n"), lambda b: b"\xef\xbb\xbf" + b])
def test_files_saved_on_windows_mean_the_same(path: Path, change: object) -> None:
    content = path.read_bytes()
    changed = parse_events(change(content), "f")  # type: ignore[operator]
    assert (changed.events, changed.problems) == (parse_events(content, "f").events, ())


SECRET = "hunter2"
LEAKY = [
    show(sources=f"[rtmp://user:{SECRET}@10.0.0.1/live/{SECRET}, 'http://a.example.com/?k={SECRET} x']"),
    show(sources=f"[ftp://{SECRET}.example.com/x, rtmp://a.example.com:99999/live/{SECRET}]"),
    show(sources=f"rtmp://a.example.com/live/{SECRET}"),
    show(sources=f"{{rtmp://a.example.com/live/{SECRET}: x}}"),
    show(sources=f"[rtmp://a.example.com/live/{SECRET}, rtmp://a.example.com/live/{SECRET}]"),
    show(**{f"rtmp://a.example.com/live/{SECRET}": "x"}),
    show(id=f"rtmp://a.example.com/live/{SECRET}"),
    show(title=f'"x\\nrtmp://a.example.com/live/{SECRET}"'),
    show(cron=f"rtmp://a.example.com/live/{SECRET}"),
    show(timezone=f"rtmp://a.example.com/live/{SECRET}"),
    show() + f"  rtmp://a.example.com/live/{SECRET}: x\n rtmp://a.example.com/live/{SECRET}: x\n",
]


@pytest.mark.parametrize("text", LEAKY)
def test_problems_never_tell_what_could_be_a_stream_key(text: str) -> None:
    loaded = parse_events(text.encode(), "events.yaml")
    assert loaded.problems
    assert SECRET not in str(loaded.problems) + str(EventsError(loaded.problems))


def test_no_repr_of_what_was_loaded_shows_a_source() -> None:
    text = show(
        sources=f"[rtmp://a.example.com/live/{SECRET}]",
        exceptions=f"[{{on: 2026-12-24, sources: [rtmp://a.example.com/live/{SECRET}], reason: x}}]",
        extra=f"[{{start: 2026-12-24T10:00, sources: [rtmp://a.example.com/live/{SECRET}], reason: x}}]",
    )
    loaded = parse_events(text.encode(), "events.yaml")
    assert loaded.events[0].extra[0].sources == (f"rtmp://a.example.com/live/{SECRET}",)
    assert SECRET not in repr(loaded)


def test_control_characters_of_a_file_never_reach_the_terminal() -> None:
    for text in (show(**{'"\\e[31m"': "x"}), show(id='"\\e[31m"'), show(stream='"\\e[31m"')):
        assert "\x1b" not in "".join(map(str, problems(text)))


def sound(loaded: Loaded) -> None:
    """Whatever was in the file: problems or events, each problem complete and in order."""
    assert loaded.problems or loaded.events
    assert [p.line for p in loaded.problems] == sorted(p.line for p in loaded.problems)
    for one in loaded.problems:
        assert one.message
        assert "\n" not in one.message


@given(st.binary(max_size=300))
def test_any_bytes_end_in_words(content: bytes) -> None:
    sound(parse_events(content, "f"))


YAML_BITS = st.lists(
    st.sampled_from(
        [
            *"{}[],:?-#&*!|>'\"%@`\n \t",
            "- ",
            ": ",
            "\n  ",
            "<<",
            "&a ",
            "*a",
            "~",
            "a",
            "1",
            "---",
            "...",
            "\r",
        ]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@given(YAML_BITS)
@example("? ")
@example("{? [a]: b}")
@example("&a : *a")
def test_any_text_like_yaml_ends_in_words(text: str) -> None:
    sound(parse_events(text.encode("utf-8", "surrogatepass"), "f"))


WORDS = re.findall(r"[\w-]+:|[\w./-]+|\S", DEMO.decode())
VALUES = [
    "",
    "x",
    "[]",
    "{}",
    "[x]",
    "{a: b}",
    "'",
    "[[]]",
    "{on: [x]}",
    "9" * 30,
    "{",
    "2026-12-24",
    "{id}",
    "*a",
]


@given(st.data())
@settings(max_examples=200)
def test_a_good_file_with_parts_replaced_ends_in_words(data: st.DataObject) -> None:
    text = DEMO.decode()
    for _ in range(data.draw(st.integers(1, 4))):
        old = data.draw(st.sampled_from(WORDS))
        new = data.draw(st.sampled_from(WORDS + VALUES))
        text = text.replace(old, new, data.draw(st.integers(1, 3)))
    sound(parse_events(text.encode(), "f"))


@given(st.integers(0, len(DEMO)))
@settings(max_examples=60)
def test_a_good_file_cut_short_ends_in_words(length: int) -> None:
    sound(parse_events(DEMO[:length], "f"))


KEYS = [field.name for event in parse_events(DEMO, "f").events[:1] for field in dataclasses.fields(event)]
TREES = st.recursive(
    st.sampled_from(
        ["x", "1", "2h", "2026-12-24", "20:00", "true", '""', "'{id}'", "rtmp://a.example.com/x"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from([*KEYS, "on", "cancel", "start", "reason", "gap"]), inner, max_size=4
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}")
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*KEYS, "cron", "dst", "skip"]), TREES, max_size=6))
def test_any_value_under_any_key_ends_in_words(changes: dict[str, str]) -> None:
    sound(parse_events(show(**changes).encode(), "f"))


@pytest.mark.parametrize("key", ["cron", "duration"])
def test_a_value_typed_with_the_input_method_on_is_told_so(key: str) -> None:
    (found,) = problems(show(**{key: "“0 20 * * *”" if key == "cron" else "２h"}))
    assert "is a full-width character" in found.hint


def test_a_value_in_chinese_is_shown_as_it_was_written() -> None:
    (found,) = problems(show(id="新闻（晚）", stream="x"))
    assert found.message == "'新闻（晚）' is not an id"
    assert "a-z" in found.hint
