"""Windows as an iCalendar feed (RFC 5545): one event an occurrence, already expanded (pure).

Recurrence rules are not written, for calendars read them differently round clock changes. Times are UTC,
which every client shows in its reader's zone; the description names the event's own, and so does
``X-RELAYBEAT-TIMEZONE`` (RFC 5545, 3.8.8.2), for whoever imports the feed. No source address is ever in a
feed. A calendar client refreshes when it likes: the feed informs, and controls nothing.

There is no SEQUENCE: a feed is made whole each time, so nobody counts revisions, and of entries with the
same UID and the same (absent) SEQUENCE the one with the later DTSTAMP is the newer (RFC 5546, 2.1.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from worker import __version__
from worker.redact import mask_text
from worker.views import WindowView, local_end, local_start, note_words

ZONE_PROPERTY: Final = "X-RELAYBEAT-TIMEZONE"
"""Whose clock the event goes by; it marks an entry as one of ours, too."""

_END: Final = b"END:VCALENDAR\r\n"
_FRESH: Final = timedelta(hours=1)
_STATUS: Final = {"cancelled": "CANCELLED", "displaced": "TENTATIVE"}
_TOLD: Final = ("cancelled", "displaced", "failed", "missed", "retrying")
"""States that the description mentions."""


def calendar(views: Iterable[WindowView], now: datetime, *, name: str = "Relaybeat") -> Iterator[bytes]:
    """The feed piece by piece, in UTF-8; ``now`` (aware) is when it was made.

    A permanent window has no times to show and is left out. The UID is the window's id, which follows from
    the plan: an edited window stays the same entry in whoever's calendar.
    """
    head = Calendar()
    head.add("version", "2.0")
    head.add("prodid", f"-//Relaybeat//{__version__}//EN")
    head.add("name", name)  # RFC 7986; the next is its elder, and both are read
    head.add("x-wr-calname", name)
    head.add("refresh-interval", _FRESH, parameters={"value": "DURATION"})
    yield head.to_ical().removesuffix(_END)
    for view in views:
        if view["start"] is not None and view["end"] is not None:
            yield _entry(view, view["start"], view["end"], now).to_ical()
    yield _END


def _entry(view: WindowView, start: int, end: int, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", view["id"])
    entry.add("dtstamp", now)
    entry.add("dtstart", datetime.fromtimestamp(start, UTC))
    entry.add("dtend", datetime.fromtimestamp(end, UTC))
    entry.add("summary", mask_text(view["title"]))
    entry.add("location", f"{view['domain']}/{view['app']}/{view['stream']}")
    entry.add("description", mask_text(_description(view, start, end)))
    entry.add("status", _STATUS.get(view["state"], "CONFIRMED"))
    entry.add("transp", "TRANSPARENT")  # what is on air makes no reader of the calendar busy
    entry.add(ZONE_PROPERTY, view["timezone"])
    return entry


def _description(view: WindowView, start: int, end: int) -> str:
    zone = view["timezone"]
    times = f"{local_start(zone, start)} to {local_end(zone, start, end)}, {zone}"
    state = view["state"] if view["state"] in _TOLD else ""
    return "\n".join(line for line in (times, state, note_words(view["notes"]), view["reason"]) if line)
