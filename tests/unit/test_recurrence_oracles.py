"""Random lines, zones and ranges against three opinions that share no code with ours."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests import oracle
from worker.recurrence import fixed_time, recurrence, starts, zone

DAY = 86_400
ZONES = st.sampled_from(
    [
        "Europe/Berlin",
        "Europe/London",
        "Europe/Dublin",
        "America/New_York",
        "America/St_Johns",
        "America/Sao_Paulo",
        "America/Scoresbysund",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Africa/El_Aaiun",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Asia/Pyongyang",
        "Asia/Shanghai",
        "Asia/Tehran",
        "Atlantic/Azores",
        "Australia/Lord_Howe",
        "Australia/Sydney",
        "Antarctica/Troll",
        "Antarctica/Casey",
        "Pacific/Apia",
        "Pacific/Kwajalein",
        "Pacific/Kiritimati",
    ]
)
Range = tuple[str, int, int]
"""A zone, and the Unix seconds between which starts are asked for."""


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    """A zone and a few hours or days in it, round a change of its clock if that year has one."""
    timezone, year = draw(ZONES), draw(st.integers(1973, 2060))
    middle = draw(st.sampled_from(oracle.transitions(timezone, year) or (365 * DAY * (year - 1970),)))
    since = middle - draw(st.integers(-DAY // 2, DAY))
    return timezone, since, since + draw(st.integers(1, 3 * DAY // 2))


@st.composite
def fields(draw: st.DrawFn, low: int, high: int, *, steps: bool = True) -> str:
    """A list of values, ranges and steps, none of them refused."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(low, high))
        last = draw(st.integers(first, high))
        step = f"/{draw(st.integers(1, high - low + 1))}" if draw(st.booleans()) else ""
        heads = [
            str(first),
            *([f"{first}-{last}"] if first < last else []),
            *(["*"] if step and steps else []),
        ]
        parts.append(draw(st.sampled_from(heads)) + step)
    return ",".join(parts)


def days(steps: bool) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(fields(1, 31, steps=steps), st.just("L")), min_size=1, max_size=2).map(",".join)


NTH = st.lists(
    st.one_of(
        st.builds("{}#{}".format, st.sampled_from([*range(8), "MON", "sun"]), st.integers(1, 5)),
        st.builds("L{}".format, st.integers(0, 7)),
    ),
    min_size=1, max_size=3,
).map(",".join)  # fmt: skip
OPEN = st.sampled_from(["*", "?"])
DATES = st.one_of(
    st.tuples(OPEN, OPEN),
    st.tuples(days(True), OPEN),
    st.tuples(OPEN, st.one_of(fields(0, 6), NTH, st.sampled_from(["mon-fri", "SAT,SUN", "fri-sun", "5-7"]))),
    st.tuples(days(False), fields(0, 6, steps=False)),
)
MONTHS = st.one_of(st.just("*"), st.just("*"), fields(1, 12), st.just("JAN-MAR,oct"))
HOURS = st.one_of(st.just("*"), fields(0, 23), fields(0, 4))


@st.composite
def lines(draw: st.DrawFn) -> str:
    day, weekday = draw(DATES)
    months = draw(MONTHS) if weekday not in "*?" or day in "*?" else "*"
    minutes = draw(st.one_of(st.sampled_from(["0", "30", "*/15", "*"]), fields(0, 59)))
    return f"{minutes} {draw(HOURS)} {day} {months} {weekday}"


GAPS, FOLDS = st.sampled_from([None, "shift", "skip"]), st.sampled_from([None, "first", "both"])


@settings(deadline=None, max_examples=400)
@given(lines(), ranges(), GAPS, FOLDS)
@example("15 2 * * 1-7", ("Europe/Berlin", 1806109200, 1806282000), None, None)
@example("* * * * *", ("Pacific/Apia", 1325239200 - DAY, 1325239200 + DAY), "shift", None)
def test_starts_are_those_that_brute_force_finds(line: str, where: Range, gap, fold) -> None:
    timezone, since, until = where
    found = recurrence(line, timezone, gap, fold).starts(since, until)
    assert found == oracle.starts(line, timezone, since, until, gap, fold)


@settings(deadline=None, max_examples=150)
@given(lines(), ranges(), GAPS, FOLDS)
def test_occurrences_next_starts_and_starts_tell_the_same(line: str, where: Range, gap, fold) -> None:
    timezone, since, until = where
    found = recurrence(line, timezone, gap, fold)
    expected = found.starts(since, until)
    assert sorted({o.at for o in found.occurrences(since, until)}) == expected
    stepwise, at = [], since - 1
    while (coming := found.next_start(at, until)) is not None and len(stepwise) < 50:
        stepwise.append(at := coming)
    assert stepwise == expected[:50]


@settings(deadline=None, max_examples=150)
@given(lines(), ranges(), st.integers(0, 2 * DAY))
def test_where_a_range_is_cut_changes_nothing(line: str, where: Range, cut: int) -> None:
    timezone, since, until = where
    middle = min(since + cut, until)
    parts = starts(line, timezone, since, middle) + starts(line, timezone, middle, until)
    assert parts == starts(line, timezone, since, until)


def resolved(naive: datetime, timezone: str) -> int | None:
    """A naive local time as an instant, the PEP 495 way; ``None`` on a date that is missing."""
    first = naive.replace(tzinfo=ZoneInfo(timezone)).timestamp()
    later = naive.replace(tzinfo=ZoneInfo(timezone), fold=1).timestamp()
    if later >= first:
        return int(first)
    skipped = next(n for n in range(60, 2 * DAY, 60) if oracle.reading(int(later) + n, timezone) > naive)
    jump = int(later) + skipped
    return jump if oracle.reading(jump, timezone) - oracle.reading(jump - 60, timezone) < oracle.DAY else None


@settings(deadline=None, max_examples=100)
@given(lines(), ranges())
def test_a_fixed_time_is_what_naive_croniter_says_and_pep_495_resolves(line: str, where: Range) -> None:
    timezone, since, until = where
    assume(not oracle.matcher(line)[1])
    naive = croniter(line, oracle.reading(since, timezone) - 2 * oracle.DAY - oracle.MINUTE)
    times = iter(lambda: naive.get_next(datetime), None)
    upto = oracle.reading(until, timezone) + oracle.DAY
    instants = {resolved(at, timezone) for at in takewhile(lambda at: at < upto, times)} - {None}
    assert starts(line, timezone, since, until) == sorted(at for at in instants if since <= at < until)


WEEKDAYS = st.sampled_from(["*", "1", "0,6", "1-5", "MON,wed"])
"""Without steps from a value: cronsim lets those of the day of week run to 7, and so to Sunday."""
PLAIN = st.builds(
    "{} {} {} {} {}".format,
    fields(0, 59), fields(0, 23), st.one_of(st.just("*"), fields(1, 28, steps=False)),
    st.one_of(st.just("*"), fields(1, 12)), WEEKDAYS,
)  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(PLAIN, st.integers(0, 4_000_000_000))
def test_cronsim_agrees_where_the_clock_never_changes(line: str, since: int) -> None:
    theirs = (int(at.timestamp()) for at in CronSim(line, datetime.fromtimestamp(since, UTC)))
    until = since + 40 * DAY
    assert starts(line, "UTC", since + 1, until) == list(takewhile(lambda at: at < until, theirs))


def seconds(shown: datetime) -> int:
    """A naive local time as a reading."""
    return int(shown.replace(tzinfo=UTC).timestamp())


@settings(deadline=None, max_examples=150)
@given(ranges(), st.lists(st.integers(-2 * DAY, 3 * DAY), min_size=2, max_size=20))
def test_instants_never_run_backwards_along_the_clock(where: Range, offsets: list[int]) -> None:
    timezone, since, _ = where
    readings = [seconds(oracle.reading(since, timezone)) + offset for offset in sorted(offsets)]
    instants = [fixed_time(zone(timezone), reading).at for reading in readings]
    assert instants == sorted(instants)


@settings(deadline=None, max_examples=150)
@given(ranges())
def test_a_reading_that_is_shown_resolves_to_an_instant_that_shows_it(where: Range) -> None:
    timezone, since, _ = where
    shown = oracle.reading(since, timezone)
    at = fixed_time(zone(timezone), seconds(shown)).at
    assert oracle.reading(at, timezone) == shown
    assert at <= since
