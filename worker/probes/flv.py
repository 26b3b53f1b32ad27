"""HTTP-FLV: the header, and tags with media in them (Adobe's FLV specification 10.1, annex E)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from worker.probes import fetch
from worker.probes.line import Dead, Ended, Played, Reach

AUDIO, VIDEO, _DATA, _AGGREGATE = 8, 9, 18, 22
LONGEST: Final = 4_000_000
"""Bytes of one tag beyond which it cannot be one."""
_NAMES: Final = {AUDIO: "audio", VIDEO: "video", _AGGREGATE: "media"}
_LEAST: Final = 4
"""Pieces of media after which a stream counts as playing: one can be a leftover."""
_MOST: Final = 64
"""Pieces after which there is only the one kind that came: a second or two of a stream."""
_HEADER: Final = b"FLV\x01\x05\x00\x00\x00\x09"
_LONGEST_HEADER: Final = 1_024
_MOST_SAMPLE: Final = 2_000_000


def play(reach: Reach, url: str) -> Played:
    """What it plays. Raises ``Dead``, or ``TimeoutError`` if nothing comes at all."""
    with fetch.get(reach, url) as answer:

        def read(size: int) -> bytes:
            found = answer.read(size)
            if len(found) < size:
                raise Ended
            return found

        if read(3) != _HEADER[:3]:
            raise Dead("protocol", "what it sends is not FLV")
        rest = int.from_bytes(read(6)[2:]) - len(_HEADER)
        if not 0 <= rest <= _LONGEST_HEADER:
            raise Dead("protocol", "what it sends is not FLV")
        read(rest)
        return listen(_tags(read), "FLV")


def listen(pieces: Iterable[tuple[int, bytes]], what: str) -> Played:
    """Takes tags, or the messages of RTMP which hold the same, until it is certain what plays.

    Raises ``Dead`` if they stop coming.
    """
    found: list[str] = []
    sample = bytearray(_HEADER + bytes(4))
    try:
        for kind, body in pieces:
            if kind in {AUDIO, VIDEO, _DATA} and len(sample) + len(body) < _MOST_SAMPLE:
                sample += _tag(kind, body)
            if carries(kind, body):
                found.append(_NAMES[kind])
            if len(found) >= (_LEAST if len({*found}) > 1 else _MOST):
                break
    except TimeoutError:
        if len(found) < _LEAST:
            raise Dead("silent", f"{what} begins, and no media comes: nobody sends this stream") from None
    return Played(f"{what} with {' and '.join(sorted({*found}))}", bytes(sample))


def carries(kind: int, body: bytes) -> bool:
    """Whether this is sound or picture, and not only how to decode it, which is kept from an earlier one."""
    if kind == AUDIO:
        return len(body) > 1 and not (body[0] >> 4 == 10 and body[1] == 0)  # noqa: PLR2004 - AAC
    if kind == VIDEO:
        return len(body) > 1 and _is_picture(body)
    return kind == _AGGREGATE and bool(body)


def _is_picture(body: bytes) -> bool:
    if body[0] & 0x80:  # enhanced RTMP: how to decode, the end, metadata
        return body[0] & 0x0F not in {0, 2, 4}
    if body[0] & 0x0F in {7, 12}:  # AVC and HEVC
        return body[1] == 1
    return body[0] >> 4 != 5  # noqa: PLR2004 - a word to the player


def _tags(read: Callable[[int], bytes]) -> Iterator[tuple[int, bytes]]:
    while True:
        head = read(15)[4:]  # after the size of the tag before
        size = int.from_bytes(head[1:4])
        if size > LONGEST:
            raise Dead("protocol", "what it sends is not FLV")
        yield head[0], read(size)


def _tag(kind: int, body: bytes) -> bytes:
    """At time 0: only what is in it matters."""
    return bytes([kind]) + len(body).to_bytes(3) + bytes(7) + body + (11 + len(body)).to_bytes(4)
