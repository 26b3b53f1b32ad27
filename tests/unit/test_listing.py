"""The lines of a text that something is said of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.web.listing import WHOLE, listing

LONG = "\n".join(f"line {n}" for n in range(1, 2 * WHOLE + 1)) + "\n"


def test_a_short_text_is_shown_whole() -> None:
    found = list(listing("a\n\nb\n", [2]))
    assert [(each.number, each.text, each.told, each.gap) for each in found] == [
        (1, "a", False, False),
        (2, "", True, False),
        (3, "b", False, False),
    ]


def test_of_a_long_one_what_is_told_is_shown_with_what_stands_around() -> None:
    found = list(listing(LONG, [1, 900, 902]))
    assert [each.number for each in found] == [*range(1, 5), *range(897, 906)]
    assert [each.number for each in found if each.gap] == [897]
    assert [each.number for each in found if each.told] == [1, 900, 902]


@given(st.text(alphabet="a\n", max_size=60), st.lists(st.integers(-3, 3 * WHOLE), max_size=20))
def test_each_line_is_shown_once_in_order_and_said_to_be_what_it_is(text: str, told: list[int]) -> None:
    for content in (text, text + LONG):
        lines, found = content.split("\n"), list(listing(content, told))
        assert [each.number for each in found] == sorted({each.number for each in found})
        assert all(lines[each.number - 1] == each.text for each in found)
        assert {each.number for each in found if each.told} == {
            n for n in told if 0 < n <= content.count("\n") or (n == len(lines) and lines[-1])
        }


def test_a_line_shows_no_secret_and_not_more_than_fits() -> None:
    (line,) = listing(f"sources: [rtmp://u:geheim@a.example.com/live/geheim] {'x' * 9_000}", [])
    assert "geheim" not in line.text
    assert (len(line.text), line.text[-1]) == (401, "…")
