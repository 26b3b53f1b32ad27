"""Whether a window is on air, told from what the provider shows (pure).

The provider says whether a stream is online, and how many frames and kilobits it counts. That is all that
can be seen from here: a picture that is black, frozen or of another programme counts as well as any other.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, NamedTuple

from worker.conditions import Condition, Kind, Level, moot, of_window, unsure
from worker.windows import Window

LOOKED_BACK: Final = 900
"""Seconds after its end for which a window that should be off air is looked at."""

_POOR: Final = 0.3
"""The share of the usual below which a stream is poor."""
_LEAST_FRAMERATE, _LEAST_BITRATE = 5.0, 50.0
"""Frames a second, and kbit/s, below which a stream is poor whatever is usual for it. Radio has neither."""
_BUCKETS: Final = 2
"""So many poor samples in a row are no hiccup."""
_TO_BELIEVE: Final = 20
"""Seconds that a stream must be dark before people are told: the provider's own view flickers."""


class Air(enum.StrEnum):
    """How a window is, as seen from outside."""

    ON_AIR = "on_air"
    DEGRADED = "degraded"
    DARK = "dark"
    FORBIDDEN = "forbidden"
    OFF = "off"


_ON: Final = frozenset({Air.ON_AIR, Air.DEGRADED})
_WRONG: Final = {Air.DARK: Kind.DARK, Air.FORBIDDEN: Kind.FORBIDDEN, Air.DEGRADED: Kind.DEGRADED}
_OF_AIR: Final = frozenset(_WRONG.values())


class Figures(NamedTuple):
    """What the provider counted for a while: frames a second, and kbit/s."""

    framerate: float
    bitrate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of one window. Times are Unix seconds, 0 where there is none.

    ``since``: it is in this state since then. ``off_at``: when it was first seen gone after its end.
    ``framerate`` (a second) and ``bitrate`` (kbit/s) are the latest, the ``usual`` ones what it mostly has.
    """

    state: Air
    since: float
    at: float
    first_seen: float = 0.0
    last_seen: float = 0.0
    off_at: float = 0.0
    framerate: float = 0.0
    bitrate: float = 0.0
    usual_framerate: float = 0.0
    usual_bitrate: float = 0.0
    cause: str = ""


def see(
    window: Window,
    state: str,
    samples: Sequence[Figures],
    before: Seen | None,
    now: float,
    judged_from: float = 0.0,
) -> Seen:
    """What is now known of a window that has begun.

    ``state`` is the provider's word (online, offline, forbidden); ``samples`` are the newest ones, oldest
    first, or none if nobody asked. Before ``judged_from`` (Unix seconds) the provider may still be about to
    begin, and what was never seen is not dark yet.
    """
    was = before or Seen(state=Air.OFF, since=now, at=now)
    online = state == "online"
    measured = _measured(was, samples) if samples else was
    wanted = now < window.end and (now >= judged_from or was.first_seen > 0)
    air = _judged(state, wanted, measured, samples)
    same = before is not None and was.state is air
    cause = was.cause if same and air is Air.DARK else ""
    seen = replace(measured, state=air, since=was.since if same else now, at=now, cause=cause)
    if online and now < window.end:
        return replace(seen, first_seen=was.first_seen or now, last_seen=now, off_at=0.0)
    if not online and now >= window.end and was.first_seen and not was.off_at:
        return replace(seen, off_at=now)
    return seen


def _judged(state: str, wanted: bool, measured: Seen, samples: Sequence[Figures]) -> Air:
    if state == "forbidden":
        return Air.FORBIDDEN
    if state != "online":
        return Air.DARK if wanted else Air.OFF
    poor = _is_poor(measured, samples) if samples else measured.state is Air.DEGRADED
    return Air.DEGRADED if poor else Air.ON_AIR


def _measured(was: Seen, samples: Sequence[Figures]) -> Seen:
    """With the newest figures, and what is usual: the median of what is not poor, slowly followed."""
    return replace(
        was,
        framerate=samples[-1].framerate,
        bitrate=samples[-1].bitrate,
        usual_framerate=_usual(was.usual_framerate, [sample.framerate for sample in samples]),
        usual_bitrate=_usual(was.usual_bitrate, [sample.bitrate for sample in samples]),
    )


def _usual(usual: float, figures: Sequence[float]) -> float:
    good = [figure for figure in figures if figure > _POOR * usual]
    return usual if not good else median(good) if not usual else 0.9 * usual + 0.1 * median(good)


def _is_poor(seen: Seen, samples: Sequence[Figures]) -> bool:
    last = samples[-_BUCKETS:]
    if len(last) < _BUCKETS:
        return False
    video = seen.usual_framerate > 0
    slow = video and all(s.framerate < max(_LEAST_FRAMERATE, _POOR * seen.usual_framerate) for s in last)
    thin = seen.usual_bitrate > 0 and all(
        s.bitrate < max(_LEAST_BITRATE if video else 0.0, _POOR * seen.usual_bitrate) for s in last
    )
    return slow or thin


def scope_of(domain: str) -> str:
    """The scope of what is seen of a domain's streams."""
    return f"air:{domain}"


def conditions(window: Window, seen: Seen | None, judged_from: float, now: float) -> Iterator[Condition]:
    """What is wrong with a window that was seen like this, or has no relay that anybody could see.

    ``judged_from``: before that (Unix seconds) the provider may still be about to begin. Only what is on air
    again has recovered; that a relay is missing is told by who holds the plan against the list.
    """
    scope = scope_of(window.slot.domain)
    judged = judged_from <= now < window.end and seen is not None and seen.cause != "config-missing"
    kind = _WRONG.get(seen.state) if seen and judged else None
    if seen and kind:
        level = Level.WARN if kind is Kind.DEGRADED else Level.PAGE
        facts = {"framerate": round(seen.framerate, 1), "bitrate": round(seen.bitrate)}
        found = of_window(window, kind, level, scope, cause=seen.cause, patience=_TO_BELIEVE, **facts)
        yield replace(found, instead_of=_OF_AIR - {kind})
    elif seen is None or seen.state not in _ON:
        yield from unsure(window, _OF_AIR, scope)


def called_off(window: Window) -> Iterator[Condition]:
    """The end of all that was said of a window that is not meant to be on air any more."""
    return moot(window, _OF_AIR, scope_of(window.slot.domain))


def still_there(
    window: Window, seen: Seen, others: Iterable[Window], settle: int, now: float
) -> Iterator[Condition]:
    """That a window that is over goes on, with none of the ``others`` of its slot to explain it.

    Of several that are over, the last one is told of, for as long as anybody looks.
    """
    if now < window.end + settle or seen.state not in _ON:
        return
    if not any(_takes_over(other, window, settle, now) for other in others):
        scope = scope_of(window.slot.domain)
        found = of_window(window, Kind.STILL_ON_AIR, Level.WARN, scope, patience=_TO_BELIEVE)
        yield replace(found, until=window.end + settle + LOOKED_BACK)


def _takes_over(other: Window, window: Window, settle: int, now: float) -> bool:
    later = (other.end, other.id) > (window.end, window.id)
    return later and (other.permanent or other.start - settle <= now)


def why_dark(*, listed: bool, sources_alive: Collection[bool], domain_well: bool = True) -> str:
    """The likely cause, as a stable word. ``sources_alive``: what is known of each source."""
    if not domain_well:
        return "domain-wrong"
    if not listed:
        return "config-missing"
    if sources_alive and not any(sources_alive):
        return "source-unreachable"
    return "unknown"
