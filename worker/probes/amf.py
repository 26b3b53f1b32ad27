"""AMF0, the values of RTMP's commands (Adobe's Action Message Format, December 2007) (pure)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

_MOST_DEPTH: Final = 8
_END: Final = b"\x00\x00\x09"


def pack(value: Any) -> bytes:
    """A number, a bool, a text of up to 65,535 bytes, ``None``, or a dict of them."""
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01" + bytes([value])
    if isinstance(value, float):
        return b"\x00" + struct.pack("!d", value)
    if isinstance(value, dict):
        return b"\x03" + b"".join(_short(name) + pack(each) for name, each in value.items()) + _END
    return b"\x02" + _short(value)


def _short(text: str) -> bytes:
    told = text.encode()
    return len(told).to_bytes(2) + told


def parse(body: bytes) -> list[Any]:
    """The values of a command, as far as they can be read; never raises."""
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
    read = _KINDS.get(body[at])
    if read is None or depth > _MOST_DEPTH:
        raise ValueError("a kind that no answer to us needs")
    return read(body, at + 1, depth)


def _number(body: bytes, at: int, _depth: int) -> tuple[float, int]:
    return struct.unpack_from("!d", body, at)[0], at + 8


def _bool(body: bytes, at: int, _depth: int) -> tuple[bool, int]:
    return bool(body[at]), at + 1


def _string(body: bytes, at: int, _depth: int) -> tuple[str, int]:
    return _text(body, at, 2)


def _long_string(body: bytes, at: int, _depth: int) -> tuple[str, int]:
    return _text(body, at, 4)


def _text(body: bytes, at: int, width: int) -> tuple[str, int]:
    begin = at + width
    end = begin + int.from_bytes(body[at:begin])
    return body[begin:end].decode(errors="replace"), end


def _object(body: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while body[at : at + 3] != _END:
        name, at = _text(body, at, 2)
        found[name], at = _value(body, at, depth + 1)
    return found, at + 3


def _mixed_array(body: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    return _object(body, at + 4, depth)


def _array(body: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    found = []
    count, at = int.from_bytes(body[at : at + 4]), at + 4
    for _ in range(count):
        value, at = _value(body, at, depth + 1)
        found.append(value)
    return found, at


def _none(_body: bytes, at: int, _depth: int) -> tuple[None, int]:
    return None, at


def _date(body: bytes, at: int, depth: int) -> tuple[float, int]:
    value, at = _number(body, at, depth)
    return value, at + 2


_KINDS: Final[dict[int, Callable[[bytes, int, int], tuple[Any, int]]]] = {
    0: _number,
    1: _bool,
    2: _string,
    3: _object,
    5: _none,
    6: _none,
    8: _mixed_array,
    10: _array,
    11: _date,
    12: _long_string,
}
