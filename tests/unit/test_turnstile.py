"""What answers tell of the fastest way to the provider: too high a floor lets more through than allowed."""

from __future__ import annotations

from worker.ledger.turnstile import CREEP, Answers

INTERVAL = 0.1


def answered(floor: float, *seconds: float) -> Answers:
    answers = Answers()
    for each in seconds:
        answers.add(each, floor)
    return answers


def test_one_answer_that_is_faster_than_any_before_lowers_the_floor_to_it() -> None:
    assert answered(0.02, 0.5, 0.005, 0.4).news(INTERVAL) == (0.005, 0.0)


def test_ten_answers_that_all_took_longer_raise_it_by_what_it_may_rise_in_their_time() -> None:
    assert answered(0.02, *[0.05] * 10).news(INTERVAL) == (None, CREEP * INTERVAL * 10)


def test_it_never_rises_above_the_fastest_of_them() -> None:
    lower, rise = answered(0.02, 0.0201, *[0.05] * 9).news(INTERVAL)
    assert lower is None and 0 < rise <= 0.0201 - 0.02


def test_a_few_slow_answers_are_no_reason_to_raise_it_and_are_remembered() -> None:
    answers = answered(0.02, *[0.05] * 9)
    assert answers.news(INTERVAL) == (None, 0.0)
    answers.add(0.05, 0.02)
    assert answers.news(INTERVAL)[1] > 0


def test_what_was_told_is_not_told_again() -> None:
    answers = answered(0.02, 0.005)
    answers.news(INTERVAL)
    assert answers.news(INTERVAL) == (None, 0.0)


def test_requests_without_an_answer_tell_nothing() -> None:
    assert Answers(floor=0.02).news(INTERVAL) == (None, 0.0)
