"""Sessions that live in a cookie: what opens, what does not, and what nobody can make up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.web.sessions import Session, Sessions

OURS = Sessions("operate-token", "read-token")
NOW = 1_795_000_000
ADA = Session("operate", "艾达", NOW + 60, "a1")


def test_what_was_sealed_opens_until_it_ends() -> None:
    sealed = OURS.seal(ADA)
    assert OURS.open(sealed, NOW + 59.9) == ADA
    assert OURS.open(sealed, NOW + 60) is None


def test_every_process_with_the_same_tokens_opens_it() -> None:
    assert Sessions("operate-token", "read-token").open(OURS.seal(ADA), NOW) == ADA


def test_another_token_ends_its_sessions_and_no_others() -> None:
    read = Session("read", "Ben", NOW + 60, "b1")
    changed = Sessions("another", "read-token")
    assert changed.open(OURS.seal(ADA), NOW) is None
    assert changed.open(OURS.seal(read), NOW) == read


def test_where_a_role_has_no_token_nobody_can_make_up_a_session_of_it() -> None:
    for guessed in (Sessions("read-token", ""), Sessions("read-token", "read-token"), Sessions("x", "x")):
        assert Sessions("", "read-token").open(guessed.seal(ADA), NOW) is None
        assert Sessions("", "").open(guessed.seal(ADA), NOW) is None


def test_the_same_token_for_both_roles_does_not_mix_them_up() -> None:
    assert Sessions("", "same").open(Sessions("same", "").seal(ADA), NOW) is None


def test_whoever_may_read_cannot_make_it_a_session_that_operates() -> None:
    reading, operating = OURS.seal(Session("read", "Ada", NOW + 60, "a1")), OURS.seal(ADA)
    assert OURS.open(f"{operating.partition('.')[0]}.{reading.partition('.')[2]}", NOW) is None


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_cookie_opens_nothing(at: int, by: int) -> None:
    sealed = OURS.seal(ADA).encode()
    at %= len(sealed)
    changed = sealed[:at] + bytes([(sealed[at] + by) % 128]) + sealed[at + 1 :]
    found = OURS.open(changed.decode(), NOW)
    assert found is None or found == ADA  # the last letter of base64 has bits that say nothing


@given(st.text() | st.from_regex(r"[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*"))
def test_whatever_a_cookie_holds_opening_it_raises_nothing(text: str) -> None:
    assert OURS.open(text, NOW) is None


def test_the_word_of_a_form_belongs_to_one_session_and_is_no_cookie() -> None:
    word = OURS.csrf(ADA)
    assert word != OURS.csrf(Session("operate", "艾达", NOW + 60, "a2"))
    assert word not in OURS.seal(ADA)


def test_no_token_is_in_a_cookie_or_a_repr() -> None:
    assert "token" not in OURS.seal(ADA) + repr(OURS) + repr(vars(OURS))
