"""The checker of feeds finds what it is there to find."""

from __future__ import annotations

import pytest

from tests.rfc5545 import faults

GOOD = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//A//B//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20261118T000000Z
DTSTART:20261118T100000Z
DTEND:20261118T110000Z
SUMMARY:One\\, two\\; three \\\\ four\\nfive
END:VEVENT
END:VCALENDAR
""".replace(b"\n", b"\r\n")


def test_a_good_feed_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("was", "now", "section"),
    [
        (b"\r\n", b"\n", "3.1"),
        (b"One", b"One" * 30, "3.1"),
        (b"UID:1", b"U ID:1", "3.1"),
        (b"VERSION:2.0\r\n", b"", "3.6"),
        (b"UID:1\r\n", b"", "3.6"),
        (b"UID:1", b"UID:1\r\nUID:2", "3.6"),
        (b"END:VEVENT\r\n", b"", "3.6"),
        (b"UID:1", b"COLOUR:red", "3.8.8"),
        (b"\\,", b",", "3.3.11"),
        (b"\\\\", b"\\x", "3.3.11"),
        (b"DTSTART:20261118", b"DTSTART:20261131", "3.3.5"),
        (b"110000Z", b"110000", "3.3.5"),
        (b"DTEND:", b"DTEND;TZID=UTC:", "3.2.19"),
        (b"110000Z", b"090000Z", "3.8.2.2"),
        (b"UID:1", b"UID:1\r\nSTATUS:MAYBE", "3.8.1.11"),
        (b"VERSION", b"REFRESH-INTERVAL:PT1H\r\nVERSION", "RFC 7986"),
    ],
)
def test_a_fault_is_told_with_its_section(was: bytes, now: bytes, section: str) -> None:
    assert any(fault.startswith(section) for fault in faults(GOOD.replace(was, now)))


def test_two_events_of_one_name_are_a_fault() -> None:
    event = GOOD[GOOD.index(b"BEGIN:VEVENT") : GOOD.index(b"END:VCALENDAR")]
    assert faults(GOOD.replace(event, event * 2)) == ["3.8.4.7: 2 events are called 1"]


def test_a_fold_inside_a_character_is_a_fault() -> None:
    assert faults(GOOD.replace(b"One", "晚".encode()[:1] + b"\r\n " + "晚".encode()[1:])) != []
