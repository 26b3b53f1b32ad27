"""Answers that many get: made once, kept for a moment, and not sent again to whoever has them already."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_LONGEST: Final = 5.0
"""Seconds for which an answer is kept: what the watch saw, and the time, change it without a stamp."""
_MOST: Final = 64
"""Answers that are kept."""
_WORTH_PACKING: Final = 1_000
"""Bytes."""


@dataclass(frozen=True)
class Content:
    """What is sent, and the hash by which it is known: of all of it, or of ``gist``, which is what counts.

    Then the tag is weak (RFC 9110, 8.8.1): what has it means the same, and need not be the same.
    """

    plain: bytes
    gist: bytes = b""

    @cached_property
    def tag(self) -> str:
        """Other content has another one."""
        return hashlib.blake2b(self.gist or self.plain, digest_size=12).hexdigest()

    @cached_property
    def packed(self) -> bytes:
        """The same by gzip."""
        return gzip.compress(self.plain, compresslevel=5, mtime=0)


@dataclass
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    stamp: Hashable = None
    made_at: float = 0.0
    content: Content | None = None


class Kept:
    """Answers by key, while nothing changed and for at most 5 s. Safe in any number of threads.

    ``stamp`` is asked each time and must be other than before once anything changed; ``stopwatch`` gives
    seconds. Whoever asks for what is just being made waits for that.
    """

    def __init__(self, stamp: Callable[[], Hashable], stopwatch: Callable[[], float]) -> None:
        self._stamp = stamp
        self._stopwatch = stopwatch
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], str]) -> Content:
        """What ``make`` makes for this key, or made a moment ago."""
        stamp, entry = self._stamp(), self._entry(key)
        with entry.lock:
            now = self._stopwatch()
            if entry.content is None or entry.stamp != stamp or now - entry.made_at >= _LONGEST:
                content = Content(make().encode())
                entry.content = content if entry.content != content else entry.content
                entry.stamp, entry.made_at = stamp, now
            return entry.content

    def _entry(self, key: Hashable) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > _MOST:
                self._entries.popitem(last=False)
            return entry


def answered(request: Request, content: Content, kind: str, *, kept: str = "no-cache") -> Response:
    """The content, packed if that is worth it and understood; 304 if whoever asks has just this already.

    ``kept`` is for how long others may keep it. A packed answer has a tag of its own (RFC 9110, 8.8.3).
    """
    tag = f'"{content.tag}-gz"' if _packs(request, content) else f'"{content.tag}"'
    tag = f"W/{tag}" if content.gist else tag
    headers = {"ETag": tag, "Cache-Control": kept, "Vary": "Accept-Encoding, Accept-Language, Cookie"}
    if _has(request, content):
        return Response(status_code=304, headers=headers)
    return sent(request, content, kind, headers=headers)


def sent(
    request: Request, content: Content, kind: str, *, status: int = 200, headers: Mapping[str, str]
) -> Response:
    """The content, packed if that is worth it and understood."""
    if _packs(request, content):
        packed = {**headers, "Content-Encoding": "gzip"}
        return Response(content.packed, status, packed, media_type=kind)
    return Response(content.plain, status, headers, media_type=kind)


def expected(request: Request, content: Content) -> bool:
    """Whether this is what whoever asks expects there (``If-Match``), if they say so; weak tags never are."""
    given = request.headers.get("if-match")
    if given is None:
        return True
    return not {each.strip() for each in given.split(",")}.isdisjoint(_tags(content))


def _packs(request: Request, content: Content) -> bool:
    return len(content.plain) >= _WORTH_PACKING and _unpacks(request)


def _unpacks(request: Request) -> bool:
    offered = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return any(each == "gzip" or (each.startswith("gzip;q=") and each != "gzip;q=0") for each in offered)


def _has(request: Request, content: Content) -> bool:
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    return not known.isdisjoint(_tags(content))


def _tags(content: Content) -> set[str]:
    return {f'"{content.tag}"', f'"{content.tag}-gz"', "*"}
