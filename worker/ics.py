"""Windows as an iCalendar feed (RFC 5545): one event an occurrence, already expanded (pure).

Recurrence rules are not written, for calendars read them differently round clock changes. Times are UTC,
which every client shows in its reader's zone; the description names the event's own. No source address
is ever in a feed. A calendar client refreshes when it likes: the feed informs, and controls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from icalendar import Calendar, Event

from worker import __version__
from worker.redact import mask_text
from worker.views import WindowView, local_end, local_start, note_words

_END: Final = b"END:VCALENDAR\r\n"


def calendar(views: Iterable[WindowView], now: datetime, *, name: str = "Relaybeat") -> Iterator[bytes]:
    """The feed piece by piece, in UTF-8; ``now`` (aware) is when it was made.

    A permanent window has no times to show and is left out. The UID is the window's id, which follows from
    the plan: an edited window stays the same entry in whoever's calendar.
    """
    head = Calendar()
    head.add("version", "2.0")
    head.add("prodid", f"-//Relaybeat//{__version__}//EN")
    head.add("x-wr-calname", name)
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
    entry.add("status", "CANCELLED" if view["state"] == "cancelled" else "CONFIRMED")
    return entry


def _description(view: WindowView, start: int, end: int) -> str:
    zone = view["timezone"]
    times = f"{local_start(zone, start)} to {local_end(zone, start, end)}, {zone}"
    return "\n".join(line for line in (times, note_words(view["notes"]), view["reason"]) if line)
