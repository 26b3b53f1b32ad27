"""RTMP: handshake, connect, play, until media comes (Adobe's RTMP specification 1.0).

Only what a player needs: one chunk stream to speak on, and messages put together from chunks to listen.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from worker.probes.line import Dead, Line

_SIZE: Final = 1_536
_SET_CHUNK, _AUDIO, _VIDEO, _COMMAND = 1, 8, 9, 20
_MOST_MESSAGE: Final = 4_000_000
_MOST_DEPTH: Final = 8
_BAD: Final = ("Failed", "NotFound", "Rejected", "BadAuth", "InvalidApp", "StreamNotFound")


def play(line: Line, url: str) -> str:
    """What it plays, in words. Raises ``Dead``, or ``TimeoutError`` if nothing comes."""
    parts = urlsplit(url)
    app, _, stream = parts.path.lstrip("/").rpartition("/")
    if parts.query:
        stream = f"{stream}?{parts.query}"
    _shake_hands(line)
    talk = _Talk(line)
    talk.say(
        "connect",
        1,
        {"app": app, "flashVer": "LNX 9,0,124,2", "tcUrl": url[: url.rindex("/")], "fpad": False},
    )
    _heed(talk.answer(1))
    talk.say("createStream", 2, None)
    found = _heed(talk.answer(2))
    number = int(found[3]) if len(found) > 3 and isinstance(found[3], float) else 1  # noqa: PLR2004
    talk.say("play", 3, None, stream, stream_id=number)
    for kind, body in talk.messages():
        if kind in (_AUDIO, _VIDEO) and body:
            return f"RTMP with {'audio' if kind == _AUDIO else 'video'}"
        if kind == _COMMAND:
            _heed(_parse(body))
    raise AssertionError("messages end by raising")


def _shake_hands(line: Line) -> None:
    """Section 5.2: C0 C1, S0 S1 S2, C2."""
    line.send(b"\x03" + bytes(8) + os.urandom(_SIZE - 8))
    if line.read(1) != b"\x03":
        raise Dead("protocol", "what answers is not RTMP")
    theirs = line.read(_SIZE)
    line.read(_SIZE)
    line.send(theirs)


def _heed(command: list[Any]) -> list[Any]:
    """The command, unless it says no. Raises ``Dead`` with what it says."""
    told = next((each for each in command[2:] if isinstance(each, dict) and "code" in each), {})
    code, words = str(told.get("code", "")), str(told.get("description", ""))
    if command[:1] == ["_error"] or told.get("level") == "error" or code.endswith(_BAD):
        absent = code.endswith(("StreamNotFound", "NotFound"))
        raise Dead("absent" if absent else "refused", f"it says {code or 'no'} {words}".strip())
    return command


@dataclass
class _Talk:
    """Messages both ways."""

    line: Line
    _chunk: int = 128
    _heads: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _bodies: dict[int, bytearray] = field(default_factory=dict)

    def say(self, name: str, number: int, *values: Any, stream_id: int = 0) -> None:
        """Sends a command, in chunks of the first size there is."""
        body = b"".join(map(_amf, (name, float(number), *values)))
        head = (
            b"\x03" + bytes(3) + len(body).to_bytes(3) + bytes([_COMMAND]) + stream_id.to_bytes(4, "little")
        )
        pieces = [body[i : i + 128] for i in range(0, len(body), 128)]
        self.line.send(head + b"\xc3".join(pieces))

    def answer(self, number: int) -> list[Any]:
        """The command that answers ours."""
        for kind, body in self.messages():
            command = _parse(body) if kind == _COMMAND else []
            if command[:2] in (["_result", float(number)], ["_error", float(number)]):
                return command
            if command[:1] == ["onStatus"]:
                _heed(command)
        raise AssertionError("messages end by raising")

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """What the other side says, message by message; ends by raising."""
        while True:
            number, length, kind = self._head()
            body = self._bodies.setdefault(number, bytearray())
            body += self.line.read(min(self._chunk, length - len(body)))
            if len(body) == length:
                del self._bodies[number]
                if kind == _SET_CHUNK:
                    self._chunk = max(1, int.from_bytes(body[:4]) & 0x7FFF_FFFF)
                yield kind, bytes(body)

    def _head(self) -> tuple[int, int, int]:
        """A chunk's head (section 5.3.1): its stream, and length and kind of its message."""
        first = self.line.read(1)[0]
        form, number = first >> 6, first & 0x3F
        if number <= 1:
            extra = self.line.read(number + 1)
            number = 64 + extra[0] + (extra[1] << 8 if number else 0)
        if form == 3:  # noqa: PLR2004 - the same as before
            if number not in self._heads:
                raise Dead("protocol", "what it says is not RTMP")
            length, kind, extended = self._heads[number]
            if extended:
                self.line.read(4)
            return number, length, kind
        told = self.line.read((11, 7, 3)[form])
        length, kind, _ = self._heads.get(number, (0, 0, 0))
        if form < 2:  # noqa: PLR2004 - with length and kind
            length, kind = int.from_bytes(told[3:6]), told[6]
        extended = told[:3] == b"\xff\xff\xff"
        if extended:
            self.line.read(4)
        if length > _MOST_MESSAGE:
            raise Dead("protocol", "what it says is not RTMP")
        self._heads[number] = (length, kind, extended)
        return number, length, kind


def _amf(value: Any) -> bytes:
    """A value in AMF0."""
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01" + bytes([value])
    if isinstance(value, float):
        return b"\x00" + struct.pack("!d", value)
    if isinstance(value, dict):
        fields = b"".join(_short(name) + _amf(each) for name, each in value.items())
        return b"\x03" + fields + b"\x00\x00\x09"
    return b"\x02" + _short(value)


def _short(text: str) -> bytes:
    told = text.encode()
    return len(told).to_bytes(2) + told


def _parse(body: bytes) -> list[Any]:
    """The values of a command, as far as they can be read."""
    found: list[Any] = []
    at = 0
    try:
        while at < len(body):
            value, at = _value(body, at, 0)
            found.append(value)
    except (IndexError, struct.error, ValueError):
        pass  # what follows is of a kind that no answer to us needs
    return found


def _value(body: bytes, at: int, depth: int) -> tuple[Any, int]:
    kind, at = body[at], at + 1
    if depth > _MOST_DEPTH:
        raise ValueError("nested too deeply")
    match kind:
        case 0:
            return struct.unpack_from("!d", body, at)[0], at + 8
        case 1:
            return bool(body[at]), at + 1
        case 2:
            return _string(body, at)
        case 3:
            return _object(body, at, depth)
        case 5 | 6:
            return None, at
        case 8:
            return _object(body, at + 4, depth)
    raise ValueError("a kind that no answer to us needs")


def _string(body: bytes, at: int) -> tuple[str, int]:
    length = int.from_bytes(body[at : at + 2])
    return body[at + 2 : at + 2 + length].decode(errors="replace"), at + 2 + length


def _object(body: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while body[at : at + 3] != b"\x00\x00\x09":
        name, at = _string(body, at)
        found[name], at = _value(body, at, depth + 1)
    return found, at + 3
