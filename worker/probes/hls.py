"""HLS: a playlist that goes on, and a segment that can be fetched (RFC 8216)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from worker.probes import fetch
from worker.probes.line import Dead, Played, Reach

_MOST: Final = 1_000_000
_SAMPLE: Final = 500_000
"""Bytes of a segment that are fetched: a picture lies within them."""
_TARGET: Final = re.compile(r"^#EXT-X-TARGETDURATION:(\d{1,6})", re.MULTILINE | re.ASCII)
_SEQUENCE: Final = re.compile(r"^#EXT-X-MEDIA-SEQUENCE:(\d{1,20})", re.MULTILINE | re.ASCII)
_MAP: Final = re.compile(r'^#EXT-X-MAP:(?:.*,)?URI="([^"\n]+)"', re.MULTILINE)
_USUAL: Final = 6
"""Seconds of a segment, where a playlist does not say."""
_FETCH: Final = 0.5
"""Seconds without which there is no point in asking again."""


@dataclass(frozen=True, slots=True)
class _Playlist:
    """A media playlist."""

    url: str
    text: str

    @property
    def last(self) -> int:
        """The number of the newest segment."""
        sequence = _SEQUENCE.search(self.text)
        return (int(sequence[1]) if sequence else 0) + self.text.count("#EXTINF") - 1

    @property
    def target(self) -> int:
        """Seconds that a segment lasts at most."""
        told = _TARGET.search(self.text)
        return max(1, int(told[1])) if told else _USUAL


def play(reach: Reach, url: str) -> Played:
    """How far it has come. Raises ``Dead``, or ``TimeoutError``.

    A playlist that does not advance while we can wait is called stale only if that is longer than it may
    take for a segment (section 6.2.1: a new one comes within 1.5 target durations).
    """
    first = _media(reach, url)
    began = reach.deadline.stopwatch()
    sample = _sample(reach, first)
    while reach.deadline.stopwatch() - began < 1.5 * first.target:
        pause = first.target / 2  # section 6.3.4 asks for that
        if reach.deadline.left() < pause + _FETCH:
            words = f"HLS up to segment {first.last}; there was no time to see whether it goes on"
            return Played(words, sample)
        reach.deadline.pause(pause)
        now = _living(_fetch(reach, first.url), first.url)
        if now.last != first.last:
            return Played(f"HLS, and it goes on: segment {now.last}", sample)
    raise Dead("stale", f"its playlist stands still at segment {first.last}")


def _media(reach: Reach, url: str) -> _Playlist:
    """The media playlist: the first that a master playlist names, or this one."""
    text = _fetch(reach, url)
    if "#EXT-X-STREAM-INF" in text:
        named = _names(text)
        if not named:
            raise Dead("protocol", "its master playlist names no other")
        url = _join(url, named[0])
        text = _fetch(reach, url)
    return _living(text, url)


def _living(text: str, url: str) -> _Playlist:
    if "#EXT-X-ENDLIST" in text:
        raise Dead("stale", "its playlist has ended")
    if "#EXTINF" not in text:
        raise Dead("silent", "its playlist holds no segment")
    return _Playlist(url, text)


def _names(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _join(url: str, name: str) -> str:
    try:
        return urljoin(url, name)
    except ValueError:
        raise Dead("protocol", "its playlist names an address that cannot be read") from None


def _sample(reach: Reach, playlist: _Playlist) -> bytes:
    """The beginning of the newest segment: a playlist can outlive what it names."""
    named = _names(playlist.text)
    if not named:
        raise Dead("protocol", "its playlist names no address")
    prelude = [each[1] for each in _MAP.finditer(playlist.text)]
    found = b""
    for name in [*prelude[-1:], named[-1]]:
        with fetch.get(reach, _join(playlist.url, name)) as answer:
            piece = answer.read(_SAMPLE)
        if not piece:
            raise Dead("silent", "its newest segment is empty")
        found += piece
    return found


def _fetch(reach: Reach, url: str) -> str:
    with fetch.get(reach, url) as answer:
        found = answer.read(_MOST)
    text = found.decode("utf-8-sig", errors="replace")
    if len(found) == _MOST or not text.startswith("#EXTM3U"):
        raise Dead("protocol", "what it sends is no playlist")
    return text
