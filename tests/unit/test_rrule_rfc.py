"""The examples of RFC 5545, section 3.8.5.3, each with the times that the RFC states.

They are written here as they are there: year and abbreviation of the zone, then months and days, at 9:00
unless other times stand in between; ``...`` where the RFC goes on for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from tests import build
from worker.events.model import Deviation, Event, Occasion
from worker.recurrence import rrule_recurrence
from worker.windows import expand, unmatched

NEW_YORK = "America/New_York"
START = "1997-09-02"
DAY = 86_400
WORKDAY = "BYHOUR=9,10,11,12,13,14,15,16"
EVERY_20_MINUTES = ",".join(f"{hour}:{minute:02}" for hour in range(9, 17) for minute in (0, 20, 40))
TO_CHRISTMAS_EVE = "1997 EDT Sep 2-30; Oct 1-25; EST Oct 26-31; Nov 1-30; Dec 1-23"
JANUARIES = "1998 EST Jan 1-31; 1999 EST Jan 1-31; 2000 EST Jan 1-31"
FIVE_WEEKS = "1997 EDT Sep 2,4,9,11,16,18,23,25,30; Oct 2"
TWO_DAYS = f"1997 EDT Sep 2 {EVERY_20_MINUTES}; Sep 3 {EVERY_20_MINUTES} ..."
FRIDAYS_13TH = "1998 EST Feb 13; Mar 13; Nov 13; 1999 EDT Aug 13; 2000 EDT Oct 13 ..."

EXAMPLES = [
    (START, "FREQ=DAILY;COUNT=10", "1997 EDT Sep 2-11"),
    (START, "FREQ=DAILY;UNTIL=19971224T000000Z", TO_CHRISTMAS_EVE),
    (START, "FREQ=DAILY;INTERVAL=2", "1997 EDT Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; "
     "Oct 2,4,6,8,10,12,14,16,18,20,22,24; EST Oct 26,28,30; Nov 1,3,5,7 ..."),
    (START, "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997 EDT Sep 2,12,22; Oct 2,12"),
    ("1998-01-01", "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", JANUARIES),
    ("1998-01-01", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", JANUARIES),
    (START, "FREQ=WEEKLY;COUNT=10", "1997 EDT Sep 2,9,16,23,30; Oct 7,14,21; EST Oct 28; Nov 4"),
    (START, "FREQ=WEEKLY;UNTIL=19971224T000000Z",
     "1997 EDT Sep 2,9,16,23,30; Oct 7,14,21; EST Oct 28; Nov 4,11,18,25; Dec 2,9,16,23"),
    (START, "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997 EDT Sep 2,16,30; Oct 14; "
     "EST Oct 28; Nov 11,25; Dec 9,23; 1998 EST Jan 6,20; Feb 3,17 ..."),
    (START, "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", FIVE_WEEKS),
    (START, "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", FIVE_WEEKS),
    ("1997-09-01", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
     "1997 EDT Sep 1,3,5,15,17,19,29; Oct 1,3,13,15,17; "
     "EST Oct 27,29,31; Nov 10,12,14,24,26,28; Dec 8,10,12,22"),
    (START, "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997 EDT Sep 2,4,16,18,30; Oct 2,14,16"),
    ("1997-09-05", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
     "1997 EDT Sep 5; Oct 3; EST Nov 7; Dec 5; 1998 EST Jan 2; Feb 6; Mar 6; Apr 3; EDT May 1; Jun 5"),
    ("1997-09-05", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
     "1997 EDT Sep 5; Oct 3; EST Nov 7; Dec 5"),
    ("1997-09-07", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
     "1997 EDT Sep 7,28; EST Nov 2,30; 1998 EST Jan 4,25; Mar 1,29; EDT May 3,31"),
    ("1997-09-22", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
     "1997 EDT Sep 22; Oct 20; EST Nov 17; Dec 22; 1998 EST Jan 19; Feb 16"),
    ("1997-09-28", "FREQ=MONTHLY;BYMONTHDAY=-3",
     "1997 EDT Sep 28; EST Oct 29; Nov 28; Dec 29; 1998 EST Jan 29; Feb 26 ..."),
    (START, "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
     "1997 EDT Sep 2,15; Oct 2,15; EST Nov 2,15; Dec 2,15; 1998 EST Jan 2,15"),
    ("1997-09-30", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
     "1997 EDT Sep 30; Oct 1; EST Oct 31; Nov 1,30; Dec 1,31; 1998 EST Jan 1,31; Feb 1"),
    ("1997-09-10", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
     "1997 EDT Sep 10,11,12,13,14,15; 1999 EST Mar 10,11,12,13"),
    (START, "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
     "1997 EDT Sep 2,9,16,23,30; EST Nov 4,11,18,25; 1998 EST Jan 6,13,20,27; Mar 3,10,17,24,31 ..."),
    ("1997-06-10", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997 EDT Jun 10; Jul 10; 1998 EDT Jun 10; Jul 10; "
     "1999 EDT Jun 10; Jul 10; 2000 EDT Jun 10; Jul 10; 2001 EDT Jun 10; Jul 10"),
    ("1997-03-10", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "1997 EST Mar 10; "
     "1999 EST Jan 10; Feb 10; Mar 10; 2001 EST Jan 10; Feb 10; Mar 10; 2003 EST Jan 10; Feb 10; Mar 10"),
    ("1997-01-01", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
     "1997 EST Jan 1; EDT Apr 10; Jul 19; 2000 EST Jan 1; EDT Apr 9; Jul 18; "
     "2003 EST Jan 1; EDT Apr 10; Jul 19; 2006 EST Jan 1"),
    ("1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "1997 EDT May 19; 1998 EDT May 18; 1999 EDT May 17 ..."),
    ("1997-05-12", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
     "1997 EDT May 12; 1998 EDT May 11; 1999 EDT May 17 ..."),
    ("1997-03-13", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
     "1997 EST Mar 13,20,27; 1998 EST Mar 5,12,19,26; 1999 EST Mar 4,11,18,25 ..."),
    ("1997-06-05", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
     "1997 EDT Jun 5,12,19,26; Jul 3,10,17,24,31; Aug 7,14,21,28; "
     "1998 EDT Jun 4,11,18,25; Jul 2,9,16,23,30; Aug 6,13,20,27; "
     "1999 EDT Jun 3,10,17,24; Jul 1,8,15,22,29; Aug 5,12,19,26 ..."),
    (START, "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", FRIDAYS_13TH),
    ("1997-09-13", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
     "1997 EDT Sep 13; Oct 11; EST Nov 8; Dec 13; "
     "1998 EST Jan 10; Feb 7; Mar 7; EDT Apr 11; May 9; Jun 13 ..."),
    ("1996-11-05", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
     "1996 EST Nov 5; 2000 EST Nov 7; 2004 EST Nov 2 ..."),
    ("1997-09-04", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997 EDT Sep 4; Oct 7; EST Nov 6"),
    ("1997-09-29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
     "1997 EDT Sep 29; EST Oct 30; Nov 27; Dec 30; 1998 EST Jan 29; Feb 26; Mar 30 ..."),
    # "From 9:00 AM to 5:00 PM": the RFC prints 170000Z, which is 1:00 PM there; its erratum 3883 mends that.
    (START, "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "1997 EDT Sep 2 9:00,12:00,15:00"),
    (START, "FREQ=MINUTELY;INTERVAL=15;COUNT=6", "1997 EDT Sep 2 9:00,9:15,9:30,9:45,10:00,10:15"),
    (START, "FREQ=MINUTELY;INTERVAL=90;COUNT=4", "1997 EDT Sep 2 9:00,10:30,12:00,13:30"),
    (START, f"FREQ=DAILY;{WORKDAY};BYMINUTE=0,20,40", TWO_DAYS),
    (START, f"FREQ=MINUTELY;INTERVAL=20;{WORKDAY}", TWO_DAYS),
    ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997 EDT Aug 5,10,19,24"),
    ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997 EDT Aug 5,17,19,31"),
    ("2007-01-15", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007 EST Jan 15,30; Feb 15; EDT Mar 15,30"),
]  # fmt: skip


def stated(text: str) -> Iterator[str]:
    """The times that a text states, such as ``1997-09-02 09:00 EDT``."""
    year = zone = ""
    for part in text.removesuffix(" ...").split("; "):
        match = re.fullmatch(r"(\d{4} )?([A-Z]{3} )?([A-Z][a-z]{2}) (\S+)( \S+)?", part)
        assert match, part
        year, zone = (match[1] or year).strip(), (match[2] or zone).strip()
        for days in match[4].split(","):
            first, _, last = days.partition("-")
            for day in range(int(first), int(last or first) + 1):
                for time in (match[5] or "9:00").strip().split(","):
                    at = datetime.strptime(f"{year} {match[3]} {day} {time}Z", "%Y %b %d %H:%M%z")
                    yield f"{at:%Y-%m-%d %H:%M} {zone}"


def shown(instants: Iterator[int]) -> Iterator[str]:
    return (f"{datetime.fromtimestamp(at, ZoneInfo(NEW_YORK)):%Y-%m-%d %H:%M %Z}" for at in instants)


@pytest.mark.parametrize(("start", "rule", "text"), EXAMPLES)
def test_an_example_of_the_rfc_starts_when_the_rfc_says(start: str, rule: str, text: str) -> None:
    dtstart = datetime.fromisoformat(f"{start}T09:00")
    expected = list(stated(text))
    most = len(expected) + (0 if text.endswith("...") else 1)
    since = int(dtstart.timestamp()) - 2 * DAY
    found = rrule_recurrence(rule, dtstart, NEW_YORK).occurrences(since, since + 15 * 366 * DAY)
    assert list(islice(shown(each.at for each in found), most)) == expected


def test_an_exdate_is_an_exception_and_one_for_a_start_outside_the_rule_matches_nothing() -> None:
    dtstart = datetime.fromisoformat(f"{START}T09:00")
    exdate = Deviation(on=Occasion(dtstart.date()), cancel=True, reason="EXDATE")
    rule = "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"
    event = Event(
        id="news", title="News", domain="pull.example.com", app="live", stream="news", sources=build.SOURCES,
        timezone=NEW_YORK, rrules=(rule,), dtstart=dtstart, duration=3_600, exceptions=(exdate,),
    )  # fmt: skip
    since = int((dtstart - timedelta(days=2)).timestamp())
    windows = expand(event, since, since + 4 * 366 * DAY)
    expected = list(stated(FRIDAYS_13TH))
    assert list(islice(shown(w.start for w in windows), len(expected))) == expected
    assert unmatched(event) == (exdate,)
