"""Random rules against dateutil, which goes through everything from the start and is given plain text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from worker.recurrence.rrule import RuleRefused, rule_pattern

DAY = 86_400
MOST_PASSED = 60_000
MOST_COMPARED = 300
EPOCH, FIRST, LAST, LATER = (datetime(year, 1, 1) for year in (1970, 2000, 2038, 2101))  # noqa: DTZ001
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONG = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
SHORT = ("HOURLY", "MINUTELY", "SECONDLY")
STARTS = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0))


def several(low: int, high: int, most: int = 3, *, backwards: bool = False) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    if backwards:
        numbers |= st.integers(-high, -low)
    return st.lists(numbers, min_size=1, max_size=most, unique=True).map(lambda ns: ",".join(map(str, ns)))


def weekdays(most: int) -> st.SearchStrategy[str]:
    """All with a number or none: of a mixture dateutil makes something else."""
    plain = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=5, unique=True)
    one = st.builds("{}{}".format, st.integers(1, most) | st.integers(-most, -1), st.sampled_from(WEEKDAYS))
    numbered = st.lists(one, min_size=1, max_size=4, unique=True)
    return (plain | numbered if most else plain).map(",".join)


BY = {
    "BYMONTH": several(1, 12),
    "BYMONTHDAY": several(1, 31, backwards=True),
    "BYYEARDAY": several(1, 366, 5, backwards=True),
    "WKST": st.sampled_from(WEEKDAYS),
    "BYHOUR": several(0, 23),
    "BYMINUTE": several(0, 59),
    "BYSECOND": several(0, 59),
    "BYSETPOS": several(1, 6, 2, backwards=True),
}
WITHOUT = {
    "MONTHLY": {"BYYEARDAY"},
    "DAILY": {"BYYEARDAY"},
    # In the week of the start, dateutil counts positions from the start, not from the beginning of the week.
    "WEEKLY": {"BYYEARDAY", "BYMONTHDAY", "BYSETPOS"},
}


@st.composite
def rules(draw: st.DrawFn, start: datetime) -> str:
    """A rule that both are to read alike."""
    frequency = draw(st.sampled_from(LONG + SHORT))
    names = draw(st.sets(st.sampled_from(sorted({"BYDAY", *BY} - WITHOUT.get(frequency, set()))), max_size=4))
    if "BYSETPOS" in names and len(names - {"WKST"}) == 1:
        names.remove("BYSETPOS")
    numbered = {"MONTHLY": 5, "YEARLY": 5 if "BYMONTH" in names else 53}.get(frequency, 0)
    values = BY | {"BYDAY": weekdays(numbered)}
    parts = [f"FREQ={frequency}", *(f"{name}={draw(values[name])}" for name in sorted(names))]
    parts.append(f"INTERVAL={draw(st.integers(1, 5 if frequency in LONG else 200))}")
    last = st.integers(0, 900 * DAY).map(lambda seconds: start + timedelta(seconds=seconds))
    ending = st.builds("COUNT={}".format, st.integers(1, 40)) | st.builds(
        "UNTIL={:%Y%m%dT%H%M%S}".format, last
    )
    return ";".join([*parts, *draw(st.lists(ending, max_size=1))])


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, datetime, datetime, datetime]:
    """A rule, its start, and the readings between which it is asked: anywhere within some years."""
    start = draw(STARTS)
    since = start + timedelta(seconds=draw(st.integers(-DAY, 800 * DAY)))
    return draw(rules(start)), start, since, since + timedelta(seconds=draw(st.integers(1, 400 * DAY)))


def ours(rule: str, start: datetime, since: datetime, until: datetime) -> Iterator[datetime]:
    low, high = ((at - EPOCH) // timedelta(seconds=1) for at in (since, until))
    for midnight, times in rule_pattern(rule, start).days(low, high):
        yield from (EPOCH + timedelta(seconds=midnight + time) for time in times)


def theirs(rule: str, start: datetime, since: datetime, until: datetime) -> Iterator[datetime]:
    for n, at in enumerate(rrulestr(rule, dtstart=start)):
        assume(n < MOST_PASSED)
        if at >= until:
            return
        if at >= since:
            yield at


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
@given(questions())
def test_a_rule_gives_what_dateutil_gives_that_has_gone_all_the_way_from_its_start(
    question: tuple[str, datetime, datetime, datetime],
) -> None:
    try:
        found = list(islice(ours(*question), MOST_COMPARED))
    except RuleRefused:
        assert nothing_comes_of(*question[:2])
    else:
        assert found == list(islice(theirs(*question), MOST_COMPARED))


def nothing_comes_of(rule: str, start: datetime) -> bool:
    """What dateutil has to say of a rule that we refuse because no such time exists."""
    assume(rule.partition(";")[0].removeprefix("FREQ=") in LONG)
    return next(iter(rrulestr(rule, dtstart=start)), LATER) >= LATER
