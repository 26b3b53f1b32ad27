"""What is on in a storm: shows, the events file that says so, and the windows that follow from it.

The windows are computed here from the exact times that were written, never by the product: this is the
checker's idea of what was wanted.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

DOMAIN, APP = "pull.example.com", "live"
LEAD = 600
"""Seconds: the least that an event may have. What starts later than this comes due in mid-storm."""
SOON = 70
"""Seconds from the opening until the first show starts."""
NOTICE = 100
"""Seconds that an edit leaves at least until the start of what it moves or adds."""


@dataclass(frozen=True)
class Airing:
    """One window: a start in Unix seconds, a length in seconds."""

    start: int
    seconds: int

    @property
    def end(self) -> int:
        return self.start + self.seconds


@dataclass(frozen=True)
class Show:
    """One event. ``by_cron``: its one airing is written as a cron line and can be cancelled for the night."""

    id: str
    stream: str
    sources: tuple[str, ...]
    airings: tuple[Airing, ...] = ()
    by_cron: bool = False
    cancelled: bool = False
    single: bool = True

    @property
    def permanent(self) -> bool:
        return not self.airings

    def entry(self) -> dict[str, Any]:
        """The event as the file has it."""
        entry: dict[str, Any] = {"id": self.id, "stream": self.stream, "sources": list(self.sources)}
        if self.permanent:
            return entry | {"permanent": True}
        if not self.by_cron:
            extra = [
                {"start": _local(a.start), "duration": f"{a.seconds}s", "reason": "storm"}
                for a in self.airings
            ]
            return entry | {"extra": extra, "duration": "1h"}
        (airing,) = self.airings
        at = datetime.fromtimestamp(airing.start, UTC)
        entry |= {"cron": f"{at.minute} {at.hour} {at.day} {at.month} *", "duration": f"{airing.seconds}s"}
        if self.cancelled:
            entry["exceptions"] = [{"on": f"{at:%Y-%m-%d}", "cancel": True, "reason": "storm"}]
        return entry

    def windows(self) -> Iterator[dict[str, Any]]:
        """The windows as the checker reads them."""
        common = {"slot": f"{DOMAIN}/{APP}/{self.stream}", "sources": list(self.sources)}
        if self.permanent:
            yield {"id": f"{self.id}@permanent", "start": None, "end": None} | common
        for airing in () if self.cancelled else self.airings:
            stamp = datetime.fromtimestamp(airing.start, UTC).strftime("%Y%m%dT%H%M%SZ")
            yield {"id": f"{self.id}@{stamp}", "start": airing.start, "end": airing.end} | common


def document(shows: dict[str, Show]) -> str:
    """The events file; JSON is YAML."""
    defaults = {
        "timezone": "UTC", "domain": DOMAIN, "app": APP, "lead": f"{LEAD}s", "min_useful": "0s",
    }  # fmt: skip
    return json.dumps(
        {"version": 1, "defaults": defaults, "events": [s.entry() for s in shows.values()]}, indent=1
    )


def windows(shows: dict[str, Show]) -> list[dict[str, Any]]:
    """Every window of these shows."""
    return [window for show in shows.values() for window in show.windows()]


class Programme:
    """Makes the first plan and each edit after it, from one seed. Times are Unix seconds."""

    def __init__(self, seed: int, opening: int, storm_ends: int) -> None:
        self.dice = random.Random(f"programme {seed}")
        self.opening, self.storm_ends = opening, storm_ends
        self._made = 0

    def first(self, count: int) -> dict[str, Show]:
        """About ``count`` windows: most alone, some joined, some handed over, some long, one permanent."""
        shows: list[Show] = [Show("radio", "radio", self._sources("radio"))]
        makers: list[Callable[[], list[Show]]] = [
            self._alone,
            self._alone,
            self._long,
            self._joined,
            self._near,
        ]
        makers += [self._coming, self._coming, self._coming, self._coming_cron, self._handed_over]
        while sum(len(show.airings) for show in shows) < count:
            shows += self.dice.choice(makers)()
        start = self._start()
        shows.append(self._show(Airing(start, 3_600), id="disputed", stream="disputed"))
        return {show.id: show for show in shows}

    def edited(self, shows: dict[str, Show], now: int) -> tuple[dict[str, Show], list[str]]:
        """A few changes at once, and what they were."""
        acts = self.dice.sample(
            [self._move, self._resource, self._remove, self._add, self._cancel, self._extend], 3
        )
        said = []
        for act in acts:
            if told := act(shows := dict(shows), now):
                said.append(told)
        return shows, said

    def _alone(self) -> list[Show]:
        return [self._show(Airing(self._start(), self.dice.randint(40, 120)))]

    def _long(self) -> list[Show]:
        return [self._show(Airing(self._start(), self.dice.randint(3_600, 80_000)))]

    def _coming(self) -> list[Show]:
        return [self._show(Airing(self._due() + LEAD, self.dice.randint(60, 7_200)))]

    def _coming_cron(self) -> list[Show]:
        start = (self._due() + LEAD) // 60 * 60
        return [self._show(Airing(start, 600), by_cron=True)]

    def _joined(self) -> list[Show]:
        first = Airing(self._start(), self.dice.randint(30, 70))
        return [self._show(first, Airing(first.end, 90))]

    def _near(self) -> list[Show]:
        first = Airing(self._start(), self.dice.randint(30, 50))
        return [self._show(first, Airing(first.end + self.dice.randint(10, 60), 90))]

    def _handed_over(self) -> list[Show]:
        first = self._show(Airing(self._start(), self.dice.randint(30, 70)), single=False)
        second = self._show(Airing(first.airings[0].end, 100), stream=first.stream, single=False)
        third = self._show(Airing(second.airings[0].end, 600), stream=first.stream, single=False)
        return [first, second, third]

    def _start(self) -> int:
        return self.dice.randint(self.opening + SOON, self.storm_ends)

    def _due(self) -> int:
        return self.dice.randint(self.opening, self.storm_ends)

    def _show(self, *airings: Airing, id: str = "", stream: str = "", **more: Any) -> Show:
        self._made += 1
        name = id or f"show-{self._made}"
        return Show(name, stream or name, self._sources(name), airings, **more)

    def _sources(self, name: str) -> tuple[str, ...]:
        """Addresses with nothing in them to mask: the emulator's log then shows them whole."""
        take = self.dice.randint(1, 999_999)
        hosts = ("a", "b", "c")[: self.dice.randint(1, 3)]
        return tuple(f"https://{host}.example.com/{name}-{take}.flv" for host in hosts)

    def _pick(self, shows: dict[str, Show], fits: Callable[[Show], bool]) -> Show | None:
        able = [
            show for show in shows.values() if not show.permanent and show.id != "disputed" and fits(show)
        ]
        return self.dice.choice(able) if able else None

    def _move(self, shows: dict[str, Show], now: int) -> str:
        show = self._pick(shows, lambda s: s.single and not s.by_cron and s.airings[0].start > now + 15)
        if show is None:
            return ""
        by = max(now + NOTICE - show.airings[0].start, 0) + self.dice.randint(1, 60)
        moved = tuple(replace(airing, start=airing.start + by) for airing in show.airings)
        shows[show.id] = replace(show, airings=moved)
        return f"{show.id} moved by {by} s"

    def _resource(self, shows: dict[str, Show], now: int) -> str:
        show = self._pick(shows, lambda s: s.airings[-1].end > now + 30)
        if show is None:
            return ""
        shows[show.id] = replace(show, sources=self._sources(show.id))
        return f"{show.id} has other sources"

    def _remove(self, shows: dict[str, Show], now: int) -> str:
        show = self._pick(shows, lambda s: s.airings[-1].end > now + 15)
        if show is None:
            return ""
        del shows[show.id]
        return f"{show.id} removed"

    def _add(self, shows: dict[str, Show], now: int) -> str:
        start = now + NOTICE + self.dice.randint(0, 60)
        show = self._show(Airing(start, self.dice.randint(40, 900)))
        later = self._show(Airing(start + LEAD, 600))
        shows[show.id], shows[later.id] = show, later
        return f"{show.id} and {later.id} added"

    def _cancel(self, shows: dict[str, Show], now: int) -> str:
        show = self._pick(shows, lambda s: s.by_cron and s.airings[0].end > now)
        if show is None:
            return ""
        shows[show.id] = replace(show, cancelled=not show.cancelled)
        return f"{show.id} {'taken back' if show.cancelled else 'cancelled'}"

    def _extend(self, shows: dict[str, Show], now: int) -> str:
        show = self._pick(shows, lambda s: s.single and len(s.airings) == 1 and s.airings[0].end > now + 30)
        if show is None:
            return ""
        (airing,) = show.airings
        shows[show.id] = replace(show, airings=(replace(airing, seconds=airing.seconds + 45),))
        return f"{show.id} ends 45 s later"


def _local(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
