"""HLS: a playlist that goes on (RFC 8216)."""

from __future__ import annotations

import re
import time
from typing import Final
from urllib.parse import urljoin

from worker.probes.line import Dead, Reach

_MOST: Final = 1_000_000
_TARGET: Final = re.compile(r"^#EXT-X-TARGETDURATION:(\d+)", re.MULTILINE)
_SEQUENCE: Final = re.compile(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)", re.MULTILINE)
_USUAL: Final = 6
"""Seconds of a segment, where a playlist does not say."""
_POLL: Final = 0.5


def play(reach: Reach, url: str) -> str:
    """How far it has come, in words. Raises ``Dead``, or ``TimeoutError``.

    A playlist that does not advance while we can wait is called stale only if that is longer than it may
    take for a segment (section 6.2.1: a new one comes within 1.5 target durations).
    """
    url, first = _media(reach, url, _fetch(reach, url))
    if "#EXT-X-ENDLIST" in first:
        raise Dead("stale", "its playlist has ended")
    target = _TARGET.search(first)
    was, patience = _last(first), 1.5 * (int(target[1]) if target else _USUAL)
    began = reach.deadline.stopwatch()
    while reach.deadline.stopwatch() - began < patience:
        if reach.deadline.at - reach.deadline.stopwatch() < 2 * _POLL:
            return f"HLS up to segment {was}; whether it goes on takes longer to see than there was time"
        time.sleep(_POLL)
        now = _last(_fetch(reach, url))
        if now != was:
            return f"HLS, and it goes on: segment {now}"
    raise Dead("stale", f"its playlist stands still at segment {was}")


def _media(reach: Reach, url: str, text: str) -> tuple[str, str]:
    """The media playlist: the first that a master playlist names, or this one."""
    if "#EXT-X-STREAM-INF" not in text:
        return url, text
    named = next(
        (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")), ""
    )
    if not named:
        raise Dead("protocol", "its master playlist names no other")
    chosen = urljoin(url, named)
    return chosen, _fetch(reach, chosen)


def _fetch(reach: Reach, url: str) -> str:
    found = b""
    with reach.get(url) as pieces:
        for piece in pieces:
            found += piece
            if len(found) > _MOST:
                raise Dead("protocol", "what it sends is no playlist")
    text = found.decode("utf-8-sig", errors="replace")
    if not text.startswith("#EXTM3U"):
        raise Dead("protocol", "what it sends is no playlist")
    return text


def _last(text: str) -> int:
    """The number of the newest segment. Raises ``Dead`` if there is none."""
    segments = text.count("#EXTINF")
    if not segments:
        raise Dead("silent", "its playlist holds no segment")
    sequence = _SEQUENCE.search(text)
    return (int(sequence[1]) if sequence else 0) + segments - 1
