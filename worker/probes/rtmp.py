"""RTMP: handshake, connect, play, until media comes (Adobe's RTMP specification 1.0).

Only what a player needs: one chunk stream to speak on, and messages put together from chunks to listen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult

from worker.probes import amf, flv
from worker.probes.line import Dead, Ended, Line, Played

_SIZE: Final = 1_536
_SET_CHUNK, _COMMAND = 1, 20
_MOST_HELD: Final = 2 * flv.LONGEST
_MOST_OPEN: Final = 64
"""Messages that may be under way at once: a player hears of three or four."""
_EXTENDED: Final = 0xFF_FFFF
_ABSENT: Final = ("NotFound", "Play.Failed", "UnpublishNotify")
_REFUSED: Final = ("Failed", "Rejected", "BadAuth", "InvalidApp")
_STATUS: Final = re.compile(r"Net(?:Connection|Stream)(?:\.[A-Z][A-Za-z]{1,20}){1,3}")


def play(line: Line, parts: SplitResult) -> Played:
    """What it plays. Raises ``Dead``, or ``TimeoutError`` if it does not speak at all."""
    app, _, stream = parts.path.lstrip("/").rpartition("/")
    if parts.query:
        stream = f"{stream}?{parts.query}"
    _shake_hands(line)
    talk = _Talk(line)
    host = parts.netloc.rpartition("@")[2]
    talk.say("connect", 1, _about(app, f"{parts.scheme}://{host}/{app}"))
    try:
        talk.answer(1)
    except Ended:
        raise Dead("refused", "it closes the connection when it hears which application we want") from None
    talk.say("createStream", 2, None)
    told = talk.answer(2)
    number = int(told[3]) if len(told) > 3 and told[3] in range(1, 1_000_000) else 1  # noqa: PLR2004
    talk.say("play", 3, None, stream, stream_id=number)
    return flv.listen(talk.heeded(), "RTMP")


def _about(app: str, url: str) -> dict[str, Any]:
    """What a player says of itself; the numbers are those of every codec there was (section 7.2.1.1)."""
    return {
        "app": app,
        "flashVer": "LNX 9,0,124,2",
        "tcUrl": url,
        "fpad": False,
        "capabilities": 15.0,
        "audioCodecs": 4_071.0,
        "videoCodecs": 252.0,
        "videoFunction": 1.0,
    }


def _shake_hands(line: Line) -> None:
    """Section 5.2: C0 C1, S0 S1 S2, C2."""
    line.sendall(b"\x03" + bytes(8) + os.urandom(_SIZE - 8))
    if line.read(1) != b"\x03":
        raise Dead("protocol", "what answers is not RTMP")
    theirs = line.read(_SIZE)
    line.read(_SIZE)
    line.sendall(theirs)


def _heed(command: list[Any]) -> list[Any]:
    """The command, unless it says no. Raises ``Dead`` with its status; descriptions often quote the key."""
    told: dict[str, Any] = next(
        (each for each in command[2:] if isinstance(each, dict) and "code" in each), {}
    )
    code = str(told.get("code", ""))
    known = code if _STATUS.fullmatch(code) else ""
    if known.endswith(_ABSENT):
        raise Dead("absent", f"it says {known}: nobody sends this stream")
    if command[:1] == ["_error"] or told.get("level") == "error" or known.endswith(_REFUSED):
        raise Dead("refused", f"it says {known or 'no'}: it does not let us in")
    return command


@dataclass(frozen=True, slots=True)
class _Head:
    """What is known of a chunk stream's message: its length, its kind, and its time if that is a long one."""

    length: int
    kind: int
    time: bytes


@dataclass
class _Talk:
    """Messages both ways."""

    line: Line
    _chunk: int = 128
    _ahead: bytes = b""
    _heads: dict[int, _Head] = field(default_factory=dict)
    _bodies: dict[int, bytearray] = field(default_factory=dict)

    def say(self, name: str, number: int, *values: Any, stream_id: int = 0) -> None:
        """Sends a command, in chunks of the first size there is."""
        body = b"".join(map(amf.pack, (name, float(number), *values)))
        head = b"\x03" + bytes(3) + len(body).to_bytes(3) + bytes([_COMMAND])
        pieces = [body[i : i + 128] for i in range(0, len(body), 128)]
        self.line.sendall(head + stream_id.to_bytes(4, "little") + b"\xc3".join(pieces))

    def answer(self, number: int) -> list[Any]:
        """The command that answers ours. Raises ``Dead`` if it says no."""
        for kind, body in self.heeded():
            command = amf.parse(body) if kind == _COMMAND else []
            if command[:2] == ["_result", float(number)]:
                return command
        raise AssertionError("messages end by raising")

    def heeded(self) -> Iterator[tuple[int, bytes]]:
        """What the other side says, message by message, until it says no; ends by raising."""
        for kind, body in self.messages():
            if kind == _COMMAND:
                _heed(amf.parse(body))
            yield kind, body

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """Kind and body, put together from chunks (section 5.3); ends by raising."""
        while True:
            number, head = self._next()
            body = self._bodies.setdefault(number, bytearray())
            body += self._read(min(self._chunk, head.length - len(body)))
            if len(self._bodies) > _MOST_OPEN or sum(map(len, self._bodies.values())) > _MOST_HELD:
                raise Dead("protocol", "what it says is not RTMP")
            if len(body) == head.length:
                del self._bodies[number]
                if head.kind == _SET_CHUNK:
                    self._chunk = max(1, int.from_bytes(body[:4]) & 0x7FFF_FFFF)
                yield head.kind, bytes(body)

    def _next(self) -> tuple[int, _Head]:
        """The head of the next chunk (section 5.3.1): its stream, and what is known of the message."""
        first = self._read(1)[0]
        form, number = first >> 6, first & 0x3F
        if number <= 1:
            number = 64 + int.from_bytes(self._read(number + 1), "little")
        known = self._heads.get(number)
        if form == 3:  # noqa: PLR2004 - the same as before
            if known is None:
                raise Dead("protocol", "what it says is not RTMP")
            self._skip_time(known)
            return number, known
        self._heads[number] = head = self._head(form, known)
        self._bodies.pop(number, None)  # what it did not end, it gave up
        return number, head

    def _head(self, form: int, known: _Head | None) -> _Head:
        told = self._read((11, 7, 3)[form])
        length, kind = (known.length, known.kind) if known else (0, 0)
        if form < 2:  # noqa: PLR2004 - with length and kind
            length, kind = int.from_bytes(told[3:6]), told[6]
        if length > flv.LONGEST:
            raise Dead("protocol", "what it says is not RTMP")
        return _Head(length, kind, self._read(4) if int.from_bytes(told[:3]) == _EXTENDED else b"")

    def _skip_time(self, head: _Head) -> None:
        """A long time is said again in front of each further chunk; but not by every server."""
        if head.time and (told := self._read(4)) != head.time:
            self._ahead = told + self._ahead

    def _read(self, size: int) -> bytes:
        found, self._ahead = self._ahead[:size], self._ahead[size:]
        return found + self.line.read(size - len(found))
