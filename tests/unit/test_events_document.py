"""The YAML layer: texts stay as written, every value has its line, and nothing a file holds can hurt."""

from __future__ import annotations

import pytest

from tests.events_text import problem
from worker.events.document import LONGEST_VALUE, MOST_BYTES, MOST_VALUES, Unreadable, compose, decode, locate


def tree(text: str) -> object:
    return compose(text)[0]


@pytest.mark.parametrize(
    "written",
    [
        "20:00",
        "2026-11-01",
        "no",
        "on",
        "0o17",
        "017",
        "1e18",
        ".nan",
        "null",
        "~",
        "1_000",
        "true",
        "+12:30:45",
    ],
)
def test_a_scalar_is_the_text_that_was_written(written: str) -> None:
    assert tree(f"key: {written}") == {"key": written}


def test_on_is_a_key_like_any_other() -> None:
    assert tree("{on: 2026-12-24}") == {"on": "2026-12-24"}


def test_every_value_knows_its_line() -> None:
    root, _ = compose("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n")
    assert locate(root, ("b", 1, "d")) == ((5, 6), ("b", 1, "d"))


def test_a_missing_key_stands_where_its_mapping_does() -> None:
    root, _ = compose("a:\n  - b: 1\n")
    assert locate(root, ("a", 0, "c")) == ((2, 5), ("a", 0, "c"))


def test_a_way_into_a_plain_value_ends_there() -> None:
    root, _ = compose("cron: daily")
    assert locate(root, ("cron", 0)) == ((1, 1), ("cron",))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(ending: str) -> None:
    root, _ = compose(ending.join(["a: 1", "b: 2", "c: 3"]))
    assert locate(root, ("c",))[0] == (3, 1)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode("\ufeffa: 1".encode()) == "a: 1"


def test_a_key_written_twice_is_told_with_both_lines() -> None:
    root, (fault,) = compose("a: 1\nb: 2\na: 3\n")
    assert root == {"a": "1", "b": "2"}
    assert (fault.mark, fault.message) == ((3, 1), "'a' is written twice, first on line 1")


def test_an_alias_stands_for_the_value_it_names() -> None:
    assert tree("a: &x [1, 2]\nb: *x") == {"a": ["1", "2"], "b": ["1", "2"]}


def test_merging_is_told_to_be_unsupported_and_the_rest_read() -> None:
    root, (fault,) = compose("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n")
    assert (root, fault.mark, fault.hint) == ({"a": {"b": "1"}, "c": {"d": "2"}}, (3, 3), "use defaults:")


def bomb(levels: int, each: str = "[{}]") -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, levels):
        lines.append(f"a{n}: &a{n} " + each.format(", ".join([f"*a{n - 1}"] * 9)))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(bomb(10), f"more than {MOST_VALUES:,} values", id="a bomb of lists"),
        pytest.param("a: &a [*a]", "nothing above is marked &a", id="a value inside itself"),
        pytest.param("a: *b", "nothing above is marked &b", id="an alias of nothing"),
        pytest.param("- x\n" * (MOST_VALUES + 1), f"more than {MOST_VALUES:,} values", id="very many values"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep lists"),
        pytest.param("{a: " * 100_000, "nested too deeply", id="deep mappings"),
        pytest.param("- " * 100_000, "nested too deeply", id="deep blocks"),
        pytest.param("a: " + "x" * (LONGEST_VALUE + 1), "4,001 characters", id="a long value"),
        pytest.param("\n".join(f"k{n}: v" for n in range(101)), "more than 100 keys", id="very many keys"),
        pytest.param("a: !!python/object/apply:os.system [ls]", "is not supported", id="a Python object"),
        pytest.param("a: !secret x", "the tag !secret is not supported", id="a tag"),
        pytest.param("? [a]\n: b", "a key must be plain text", id="a list as key"),
        pytest.param("{{a: b}: c}", "a key must be plain text", id="a mapping as key"),
        pytest.param("a: &x [b]\n*x : c", "a key must be plain text", id="an alias of a list as key"),
        pytest.param("--- a\n--- b", "a second document", id="two documents"),
        pytest.param("", "empty", id="nothing"),
        pytest.param("# nothing but words\n", "empty", id="a comment"),
        pytest.param('a: "b', "this is not YAML", id="an open quote"),
        pytest.param("a: [b", "this is not YAML", id="an open list"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        compose(text)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("cron: * * * * *", "quotes"),
        ("cron: @daily", "quotes"),
        ("stream: %Y", "quotes"),
        ("title: `x`", "quotes"),
        ("\tcron: x", "spaces"),
        ("title: News: at ten", "colons"),
    ],
)
def test_the_usual_slips_of_yaml_come_with_what_to_do(line: str, hint: str) -> None:
    found = problem(f"version: 1\nevents:\n  - id: show\n    {line}\n")
    assert (found.line, hint in found.hint) == (4, True)


@pytest.mark.parametrize(
    ("written", "line", "plain"),
    [
        ("title： 新闻\n    cron: x", 4, "type :"),
        ("dst: {gap: shift，fold: first}", 4, "type ,"),
        ("app: x\n\u3000\u3000title: News\n    cron: x", 5, "no plain one"),
        ("dst: ［gap: shift］\n     x: y", 4, "type ["),
    ],
)
def test_full_width_punctuation_is_named_with_its_line(written: str, line: int, plain: str) -> None:
    found = problem(f"version: 1\nevents:\n  - id: show\n    {written}\n")
    assert (found.line, plain in found.hint) == (line, True)


def test_full_width_punctuation_in_a_title_is_not_blamed() -> None:
    found = problem("version: 1\nevents:\n  - title: 晚间新闻：体育（重播）\n   id: show\n")
    assert (found.line, "indentation" in found.hint) == (4, True)


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ('cron: "0 20 * * *\n    duration: 2h', 4, "the quote that is opened here is never closed"),
        ("sources: [rtmp://a.example.com/x\n    title: x", 4, "the closing ] is missing"),
        ("title: x\n   duration: 2h", 5, "this line is indented unlike"),
    ],
)
def test_a_slip_is_told_in_words_where_it_was_made(written: str, line: int, said: str) -> None:
    found = problem(f"version: 1\nevents:\n  - id: show\n    {written}\n")
    assert (found.line, said in found.message) == (line, True)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        pytest.param(b"a" * (MOST_BYTES + 1), 0, "larger than 8 MB", id="too large"),
        pytest.param(b"a: 1\nb: \xff\xfe\n", 2, "not UTF-8", id="not UTF-8"),
        pytest.param("a: 1".encode("utf-16"), 1, "not UTF-8", id="UTF-16"),
        pytest.param("a: 新闻".encode("gbk"), 1, "not UTF-8", id="GBK"),
        pytest.param(b"a: 1\nb: \x00\n", 2, r"U\+0000", id="NUL"),
        pytest.param(b"\x7fELF\x02\x01\x01", 1, r"U\+007F", id="a program"),
        pytest.param(b"\x89PNG\r\n\x1a\n", 1, "not UTF-8", id="a picture"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(content: bytes, line: int, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        decode(content)
    assert caught.value.mark[0] == line
