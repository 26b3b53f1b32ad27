"""Rules in words."""

from __future__ import annotations

import pytest

from worker.language import speaking
from worker.web.rules import in_words


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 20 * * *", "every day at 20:00"),
        ("30 19 * * sat", "Sat at 19:30"),
        ("30 21 * * mon-fri", "Mon–Fri at 21:30"),
        ("0 8,20 * * 0,6", "Sun, Sat at 08:00, 20:00"),
        ("0 9-18/3 * * *", "every day at 09:00, 12:00, 15:00, 18:00"),
        ("*/10 * * * *", "every 10 minutes"),
        ("5-55/10 * * * *", "every hour at :05, :15, :25, :35, :45, :55"),
        ("0 * * * *", "every hour at :00"),
        ("0 6 1,15 * *", "day 1, 15 of each month at 06:00"),
        ("0 6 L * *", "the last day of each month at 06:00"),
    ],
)
def test_a_plain_line_is_told_in_words(cron: str, words: str) -> None:
    assert in_words(cron) == words


@pytest.mark.parametrize(
    "cron",
    [
        "0 20 1 * mon",  # either day
        "0 20 * 2 *",  # some months
        "0 20 * * 5#2",
        "0 20 * * */2",
        "*/7 * * * *",  # begins anew each hour
        "* * * * *",
        "0 20 * * * 30",  # seconds
        "@daily",
        "0 20 ? * *",
    ],
)
def test_what_is_not_so_plain_is_left_as_it_is_written(cron: str) -> None:
    assert in_words(cron) == ""


def test_words_are_in_the_language_spoken() -> None:
    with speaking("zh"):
        assert in_words("30 21 * * mon-fri").startswith("周一–周五")
