"""HTTP-FLV: the header, and tags with media in them (Adobe's FLV specification 10.1, annex E)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from worker.probes.line import Dead, Reach

_AUDIO, _VIDEO = 8, 9
_TAGS: Final = 4
"""Tags of media after which a stream counts as playing: one can be a leftover."""
_NAMES: Final = {_AUDIO: "audio", _VIDEO: "video"}
_MOST_TAG: Final = 4_000_000


def play(reach: Reach, url: str) -> str:
    """What it plays, in words. Raises ``Dead``, or ``TimeoutError`` if too little comes."""
    with reach.get(url) as pieces:
        reader = _Reader(pieces)
        if reader.read(3) != b"FLV":
            raise Dead("protocol", "what it sends is not FLV")
        reader.read(int.from_bytes(reader.read(6)[2:]) - 9)
        kinds: list[int] = []
        while len(kinds) < _TAGS:
            reader.read(4)  # the size of the tag before
            head = reader.read(11)
            size = int.from_bytes(head[1:4])
            if size > _MOST_TAG:
                raise Dead("protocol", "what it sends is not FLV")
            reader.read(size)
            if head[0] in _NAMES:
                kinds.append(head[0])
    return f"FLV with {' and '.join(sorted({_NAMES[kind] for kind in kinds}))}"


class _Reader:
    """Bytes by number, out of pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int) -> bytes:
        """Exactly so many. Raises ``Dead`` if it ends before."""
        while len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                raise Dead("silent", "it ended before it played anything")
            self._held += piece
        found, self._held = self._held[:size], self._held[size:]
        return found
