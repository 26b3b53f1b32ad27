"""Calendars of other programs become events."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from tests.feeds import calendar, events, read
from worker.events.problems import Unusable
from worker.imports.feed import MOST_BYTES, MOST_ITEMS
from worker.windows import expand

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
SAMPLES = ("google", "outlook", "apple")
SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)


def sample(name: str) -> bytes:
    return (FEEDS / f"{name}.ics").read_bytes()


def spans(content: str | bytes, timezone: str = "") -> list[tuple[int, int]]:
    """The windows of all events of a calendar, in Unix seconds."""
    found = (
        expand(event, int(SINCE.timestamp()), int(UNTIL.timestamp()))
        for event in events(read(content, timezone))
    )
    return sorted((window.start, window.end) for windows in found for window in windows)


def unrolled(content: bytes) -> list[tuple[int, int]]:
    """The same, as a client library has it; all-day entries left out."""
    found = recurring_ical_events.of(Calendar.from_ical(content)).between(SINCE, UNTIL)
    timed = [each for each in found if isinstance(each["DTSTART"].dt, datetime)]
    return sorted((int(each.start.timestamp()), int(each.end.timestamp())) for each in timed)


def starts(*lines: str, zone: str = "TZID=Asia/Shanghai") -> list[str]:
    """Local starts of the one show of a calendar."""
    (event,) = events(read(calendar(*lines, zone=zone)))
    found = expand(event, int(SINCE.timestamp()), int(UNTIL.timestamp()))
    local = (datetime.fromtimestamp(window.start, UTC).timestamp() + 8 * 3600 for window in found)
    return [f"{datetime.fromtimestamp(each, UTC):%m-%d %H:%M}" for each in local]


def refusals(content: str | bytes) -> list[str]:
    return [item.refusal for item in read(content).items if item.refusal]


def remarks(content: str | bytes) -> list[str]:
    return [remark for item in read(content).items for remark in item.remarks]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_calendar_airs_when_a_calendar_client_says_it_takes_place(name: str) -> None:
    content = sample(name)
    if name == "outlook":  # the library does not take a date for what is left out of timed entries
        content = content.replace(
            b"EXDATE;VALUE=DATE:20261026", b'EXDATE;TZID="W. Europe Standard Time":20261026T220000'
        )
    assert spans(content) == unrolled(content) != []


@pytest.mark.parametrize(
    ("name", "entries", "refused"), [("google", 5, 1), ("outlook", 3, 0), ("apple", 3, 1)]
)
def test_every_entry_is_taken_or_refused(name: str, entries: int, refused: int) -> None:
    feed = read(sample(name))
    taken = [item for _, made_of in feed.events for item in made_of]
    assert len(feed.items) == entries
    assert sorted(item.number for item in taken) == [i.number for i in feed.items if not i.refusal]
    assert len(refusals(sample(name))) == refused


def test_a_series_of_google_is_a_rule_with_exceptions() -> None:
    talk, single = (entry for entry, _ in read(sample("google")).events)
    assert (talk["id"], talk["rrule"], talk["dtstart"]) == (
        "0a1b2c3d4e5f6g7h8i9j0k1l2m", ["FREQ=WEEKLY;BYDAY=MO,WE,FR"], "2026-10-19T20:00",
    )  # fmt: skip
    assert talk["exceptions"] == [
        {"on": "2026-10-23T20:00", "cancel": "true", "reason": "left out in the calendar"},
        {"on": "2026-11-04T20:00", "start": "21:00", "duration": "2h", "reason": "Election special"},
        {"on": "2026-11-06T20:00", "start": "44:00", "duration": "1h30m", "reason": "as in the calendar"},
    ]
    assert (single["timezone"], single["extra"][0]["start"]) == ("America/New_York", "2026-11-19T20:00")


def test_a_zone_of_windows_is_taken_for_one_of_tzdata_and_that_is_said() -> None:
    news, night = (entry for entry, _ in read(sample("outlook")).events)
    assert (news["timezone"], night["timezone"]) == ("Asia/Shanghai", "Europe/Berlin")
    assert "its zone 'China Standard Time' is taken for Asia/Shanghai" in remarks(sample("outlook"))


def test_a_night_that_ends_after_midnight_keeps_its_name() -> None:
    news, _ = (entry for entry, _ in read(sample("outlook")).events)
    assert news["exceptions"][-1] == {
        "on": "2026-11-10T20:00", "start": "23:30", "duration": "1h", "reason": "as in the calendar",
    }  # fmt: skip


def test_a_date_left_out_without_a_time_means_the_whole_date() -> None:
    assert starts("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261103") == ["11-02 20:00", "11-04 20:00"]


def test_a_location_that_is_a_slot_is_where_it_plays() -> None:
    (entry, _), = read(sample("apple")).events  # fmt: skip
    assert [entry[part] for part in ("domain", "app", "stream")] == ["pull.example.com", "live", "regional"]
    assert "stream" not in read(calendar("LOCATION:Studio/Floor 2/Room 5")).events[0][0]


def test_an_added_date_is_an_extra_and_may_have_a_length_of_its_own() -> None:
    content = calendar("RDATE;VALUE=PERIOD:20261105T120000Z/PT1H,20261106T120000Z/20261106T123000Z")
    assert [end - start for start, end in spans(content)] == [7_200, 3_600, 1_800]


def test_several_rules_are_one_event() -> None:
    rules = ("RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert starts(*rules) == ["11-02 20:00", "11-03 20:00", "11-09 20:00"]


def test_the_first_date_counts_even_if_the_rule_does_not_know_it() -> None:
    content = calendar("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=1")
    assert len(spans(content)) == 2
    assert "its first date does not follow its rule, and is taken all the same" in remarks(content)


def change(recurrence: str, *lines: str) -> str:
    """A daily show, and an entry for one of its occurrences."""
    more = ("END:VEVENT", "BEGIN:VEVENT", "UID:show@x", recurrence, *lines)
    return calendar("RRULE:FREQ=DAILY;COUNT=4", *more)


NIGHT = "RECURRENCE-ID;TZID=Asia/Shanghai:20261103T200000"


def local(content: str) -> list[str]:
    return [f"{datetime.fromtimestamp(at + 8 * 3600, UTC):%m-%d %H:%M}" for at, _ in spans(content)]


def test_an_occurrence_that_is_called_off_is_cancelled() -> None:
    assert local(change(NIGHT, "STATUS:CANCELLED")) == ["11-02 20:00", "11-04 20:00", "11-05 20:00"]


def test_an_occurrence_that_moves_to_an_earlier_date_is_cancelled_and_added() -> None:
    moved = change(NIGHT, "DTSTART:20261101T100000Z", "DTEND:20261101T110000Z")
    assert local(moved)[:2] == ["11-01 18:00", "11-02 20:00"]
    assert len(spans(moved)) == 4
    assert "it moves to another date: one is cancelled, and another added" in remarks(moved)


def test_a_change_of_no_occurrence_is_one_more() -> None:
    odd = change(NIGHT.replace("20261103", "20270101"), "DTSTART:20261101T100000Z", "DTEND:20261101T110000Z")
    assert len(spans(odd)) == 5


def test_a_change_whose_series_is_missing_is_a_show_of_one_night() -> None:
    content = change(NIGHT, "DTSTART:20261101T100000Z", "DTEND:20261101T110000Z")
    first, second = content.index("BEGIN:VEVENT"), content.rindex("BEGIN:VEVENT")
    assert local(content[:first] + content[second:]) == ["11-01 18:00"]


def test_a_change_that_only_says_something_else_changes_nothing() -> None:
    content = change(NIGHT, "DTSTART:20261103T120000Z", "DTEND:20261103T140000Z", "SUMMARY:Guest: Li")
    assert len(spans(content)) == 4
    assert "only what is said of it differs" in remarks(content)[-1]


def test_a_change_of_all_later_occurrences_is_refused_and_the_series_says_so() -> None:
    later = NIGHT.replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE")
    content = change(later, "DTSTART:20261103T130000Z", "DTEND:20261103T150000Z")
    (why,) = refusals(content)
    assert "end the series there in the calendar" in why
    assert "entries that would change it are refused: 2" in remarks(content)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("STATUS:CANCELLED",), "it is called off"),
        (("RRULE:FREQ=DAILY;COUNT=2", "EXRULE:FREQ=WEEKLY"), "EXRULE"),
        (("RRULE:FREQ=SOMETIMES",), "RRULE cannot be read"),
        (("RRULE:FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2",), "nothing comes of it"),
        (("EXDATE;TZID=Asia/Shanghai:20261102T200000",), "all of its dates are left out"),
        (("DTEND:20261102T140000Z",), "DTEND is given twice"),
        (("RDATE:never",), "RDATE cannot be read"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_reason(lines: tuple[str, ...], why: str) -> None:
    (told,) = refusals(calendar(*lines))
    assert why in told
    assert not read(calendar(*lines)).events


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("DTEND;TZID=Asia/Shanghai:20261102T220000", "X-NO:1", "it has no end"),
        ("DTEND;TZID=Asia/Shanghai:20261102T220000", "DTEND;TZID=Asia/Shanghai:20261102T200000", "no time"),
        ("DTSTART;TZID=Asia/Shanghai:20261102T200000", "DTSTART;VALUE=DATE:20261102", "all-day"),
        ("DTSTART;TZID=Asia/Shanghai:20261102T200000", "X-NO:1", "it has no DTSTART"),
        ("DTSTART;TZID=Asia/Shanghai", "DTSTART", "say which with --timezone"),
        ("DTSTART;TZID=Asia/Shanghai", "DTSTART;TZID=Mars/Olympus", "'Mars/Olympus' is not known"),
    ],
)  # fmt: skip
def test_an_entry_without_clear_times_is_refused(was: str, now: str, why: str) -> None:
    (told,) = refusals(calendar().replace(was, now))
    assert why in told


@pytest.mark.parametrize("kind", ["VTODO", "VJOURNAL", "VFREEBUSY", "X-THING"])
def test_what_is_no_show_is_refused(kind: str) -> None:
    content = calendar().replace("END:VCALENDAR", f"BEGIN:{kind}\r\nUID:2\r\nEND:{kind}\r\nEND:VCALENDAR")
    assert len(refusals(content)) == 1


def test_a_second_entry_of_the_same_uid_is_refused() -> None:
    content = calendar(
        "END:VEVENT", "BEGIN:VEVENT", "UID:show@x", "DTSTART:20261102T000000Z", "DURATION:PT1H"
    )
    assert refusals(content) == ["entry 1 has the same UID"]


@pytest.mark.parametrize(
    ("tzid", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_a_zone_is_known_by_any_name_that_programs_give_it(tzid: str, key: str) -> None:
    (entry, _), = read(calendar(zone=f"TZID={tzid}")).events  # fmt: skip
    assert entry["timezone"] == key


def described(tzid: str, offset: str, location: str = "") -> str:
    """A calendar that describes the zone of its show itself."""
    zone = ("BEGIN:VTIMEZONE", f"TZID:{tzid}", *([f"X-LIC-LOCATION:{location}"] if location else []))
    rule = ("BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}")
    lines = "\r\n".join((*zone, *rule, "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT"))
    return calendar(zone=f"TZID={tzid}").replace("BEGIN:VEVENT", lines)


def test_a_zone_that_is_only_described_is_its_distance_from_utc() -> None:
    (entry, _), = read(described("Customized Time Zone", "+0800")).events  # fmt: skip
    assert entry["timezone"] == "Etc/GMT-8"


def test_a_zone_may_be_told_by_its_place() -> None:
    (entry, _), = read(described("Beijing time", "+0800", "Asia/Shanghai")).events  # fmt: skip
    assert entry["timezone"] == "Asia/Shanghai"


def test_a_description_that_differs_from_tzdata_is_told() -> None:
    content = described("Asia/Shanghai", "+0900")
    assert remarks(content) == ["the calendar describes Asia/Shanghai 1h off on 2026-11-02; tzdata is taken"]


def test_a_time_without_a_zone_is_read_on_the_calendars_clock_or_on_the_one_that_is_asked_for() -> None:
    floating = calendar().replace(";TZID=Asia/Shanghai", "")
    homely = floating.replace("PRODID", "X-WR-TIMEZONE:Europe/Berlin\r\nPRODID")
    at = [spans(floating, "Asia/Shanghai"), spans(homely), spans(homely, "Asia/Shanghai")]
    assert at[0] == at[2] == spans(calendar())
    assert at[1][0][0] - at[0][0][0] == 7 * 3_600


def test_a_rule_in_utc_stays_in_utc() -> None:
    content = calendar("RRULE:FREQ=DAILY;COUNT=2", zone="X-A=1").replace("00\r", "00Z\r")
    (entry, _), = read(content, "Europe/Berlin").events  # fmt: skip
    assert entry["timezone"] == "UTC"


def test_an_id_stays_when_a_show_is_renamed_and_moved() -> None:
    before, after = calendar(), calendar().replace("Show", "New").replace("T20", "T19")
    assert [read(each).events[0][0]["id"] for each in (before, after)] == ["show", "show"]


@pytest.mark.parametrize("uid", ["", "晚间新闻", "A" * 80, "-x-"])
def test_an_id_is_one_whatever_the_uid_looks_like(uid: str) -> None:
    (event,) = events(read(calendar().replace("show@x", uid)))
    assert event.id


def test_two_shows_never_share_an_id() -> None:
    more = ("END:VEVENT", "BEGIN:VEVENT", "UID:show@y", "DTSTART:20261102T000000Z", "DURATION:PT1H")
    first, second = events(read(calendar(*more)))
    assert first.id != second.id


def test_a_title_is_one_line_without_what_steers_a_terminal() -> None:
    content = calendar().replace("SUMMARY:Show", "SUMMARY:One\\ntwo\u202e\u2066 x" + "y" * 300)
    (event,) = events(read(content))
    assert event.title.startswith("One two x")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no calendar"),
        (b"date,title\r\n2026-11-02,News\r\n", "no calendar"),
        (calendar().encode()[:-30], "ends in the middle"),
        (calendar().replace("Show", "晚间").encode("gbk"), "not UTF-8"),
        (b"BEGIN:VCALENDAR\r\nhello\r\nEND:VCALENDAR\r\n", "cannot be read"),
        (b" " * (MOST_BYTES + 1), "larger than 8 MB"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * (MOST_ITEMS + 1), "more than 20,000"),
    ],
    ids=str,
)
def test_what_is_no_calendar_is_told(content: bytes, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        read(content)


def test_a_byte_order_mark_is_no_trouble() -> None:
    assert read(b"\xef\xbb\xbf" + calendar().encode()).events


def test_more_dates_than_a_file_takes_are_refused() -> None:
    days = ",".join(f"{20270101 + n // 24}T{n % 24:02}0000Z" for n in range(24 * 28))
    more = ",".join(f"{20270201 + n // 24}T{n % 24:02}0000Z" for n in range(24 * 28))
    assert "more than 1,000 dates" in refusals(calendar(f"RDATE:{days}", f"RDATE:{more}"))[0]


LINES = [line for name in SAMPLES for line in sample(name).splitlines()]
SPOILT = st.tuples(st.sampled_from(["drop", "swap", "add"]), st.integers(0, 200), st.sampled_from(LINES))


@given(name=st.sampled_from(SAMPLES), spoilt=st.lists(SPOILT, min_size=1, max_size=6))
def test_a_spoilt_calendar_is_refused_or_every_entry_of_it_is_taken_or_refused(
    name: str, spoilt: list[tuple[str, int, bytes]]
) -> None:
    lines = sample(name).splitlines()
    for how, where, line in spoilt:
        at = where % len(lines)
        lines[at : at + 1] = {"drop": [], "swap": [line], "add": [lines[at], line]}[how]
    try:
        feed = read(b"\r\n".join(lines))
    except Unusable:
        return
    assert all(bool(item.refusal) != bool(item.event) for item in feed.items)
    if feed.events:
        events(feed)
