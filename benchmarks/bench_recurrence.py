"""Recurrence beside tz-aware croniter and dateutil, as a user would write it; medians of five rounds.

croniter takes minutes for all starts of many events, so it is asked for a sample and its figure scaled to
the full number; ours is measured in full.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from croniter import croniter
from dateutil.rrule import rrule, rrulestr

from worker.events.model import Event
from worker.recurrence import recurrence, rrule_recurrence
from worker.windows import expand, next_start

ROUNDS = 5
EVENTS = 10_000
SAMPLE = 20
DAY = 86_400
NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
UNTIL = NOW + 30 * DAY
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Sydney")

DAILY = [(f"{n % 60} {n // 60 % 24} * * *", ZONES[n % 4]) for n in range(EVENTS)]
HOURLY = [(f"{n % 60} * * * *", ZONES[n % 4]) for n in range(EVENTS)]
RULES = 200
BEGAN = [datetime(2021, 11, 1, n // 60 % 24, n % 60) for n in range(RULES)]  # noqa: DTZ001 - local
SHAPES = ("FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
          "FREQ=HOURLY;INTERVAL=5")  # fmt: skip
LOCAL = {zone: datetime.fromtimestamp(NOW, ZoneInfo(zone)) for zone in ZONES}


def main() -> None:
    next_starts()
    next_of_rules()
    all_starts()
    windows()


def next_starts() -> None:
    kept = [(croniter(cron), LOCAL[zone]) for cron, zone in DAILY]
    ours = _median(lambda: [recurrence(cron, zone).next_start(NOW, UNTIL) for cron, zone in DAILY])
    made = _median(lambda: [croniter(cron, LOCAL[zone]).get_next(datetime) for cron, zone in DAILY])
    asked = _median(lambda: [line.get_next(datetime, start_time=at) for line, at in kept])
    print(f"next start of {EVENTS:,} events, each another line and our lines parsed before:")
    _row("croniter, made for each question", made, ours, EVENTS)
    _row("croniter, made before and kept", asked, ours, EVENTS)


def next_of_rules() -> None:
    print(f"\nnext start of {RULES} events by a rule that began five years ago, read before and kept:")
    for shape in SHAPES:
        rules = [(rrulestr(shape, dtstart=began), LOCAL[ZONES[n % 4]]) for n, began in enumerate(BEGAN)]
        lines = [rrule_recurrence(shape, began, ZONES[n % 4]) for n, began in enumerate(BEGAN)]
        theirs = _median(lambda rules=rules: [_dateutil_next(rule, at) for rule, at in rules])
        ours = _median(lambda lines=lines: [line.next_start(NOW, UNTIL + 9 * DAY) for line in lines])
        _row(f"dateutil, {shape.partition(';BYDAY')[0]}", theirs, ours, RULES)


def _dateutil_next(rule: rrule, at: datetime) -> datetime:
    return rule.after(at.replace(tzinfo=None)).replace(tzinfo=at.tzinfo)


def all_starts() -> None:
    sample = HOURLY[:: EVENTS // SAMPLE + 1]
    ours = _median(lambda: sum(len(recurrence(cron, zone).starts(NOW, UNTIL)) for cron, zone in HOURLY))
    theirs = _median(lambda: sum(len(_croniter_starts(cron, zone)) for cron, zone in sample))
    peer = theirs * EVENTS / len(sample)
    print(
        f"\nall starts of 30 days of {EVENTS:,} hourly events; croniter from {len(sample)} of them, scaled:"
    )
    _row("croniter", peer, ours, EVENTS)


def windows() -> None:
    events = [_event(n, cron, zone) for n, (cron, zone) in enumerate(HOURLY)]
    sample = events[:200]
    spent = _median(lambda: [sum(1 for _ in expand(event, NOW, UNTIL)) for event in sample])
    asked = _median(lambda: [next_start(event, NOW) for event in events])
    count = sum(1 for event in sample for _ in expand(event, NOW, UNTIL))
    print("\nwindows (nobody to compare with):")
    print(f"  expand     {spent / count * 1e6:6.2f} us a window, {count / spent:,.0f} a second")
    print(f"  next_start {asked / EVENTS * 1e6:6.2f} us an event")


def _croniter_starts(cron: str, zone: str) -> list[datetime]:
    # croniter starts after the moment it is given, and we include it.
    line = croniter(cron, LOCAL[zone] - timedelta(seconds=1), ret_type=datetime)
    return list(takewhile(lambda at: at.timestamp() < UNTIL, line))


def _event(number: int, cron: str, zone: str) -> Event:
    return Event(
        id=f"event-{number}", title="Event", domain="pull.example.com", app="live", stream=f"s{number}",
        sources=("https://a.example.com/a.flv",), timezone=zone, crons=(cron,), duration=1_800,
    )  # fmt: skip


def _median(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_timed(work) for _ in range(ROUNDS))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _row(name: str, peer: float, ours: float, count: int) -> None:
    per = f"{peer / count * 1e6:10,.1f} us an event, ours {ours / count * 1e6:6.1f} us"
    print(f"  {name:<34} {peer:8.2f} s, ours {ours:6.3f} s: {peer / ours:6.1f}x   ({per})")


if __name__ == "__main__":
    main()
