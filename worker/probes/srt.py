"""SRT: whether a listener answers (draft-sharabayko-srt, section 4.3.1).

Only the first half of the handshake, the induction, is made: it takes no seat. A listener that lets in one
caller would otherwise be occupied by us when the provider comes. Whether the streamid is right only a
caller learns.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import Final

from worker.probes.line import Dead, Reach

_MAGIC: Final = 0x4A17
_AGAIN: Final = 0.5
"""Seconds after which the question is asked again: datagrams get lost."""
_HEAD: Final = struct.Struct("!IIII")
_BODY: Final = struct.Struct("!IHHIIIIII16s")


def greet(reach: Reach, host: str, port: int) -> str:
    """What answers, in words. Raises ``Dead``."""
    family, where = reach.address(host, port, socket.SOCK_DGRAM)
    asked = _induction(int.from_bytes(os.urandom(3)) + 1)
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(where)
        while True:
            try:
                left = reach.deadline.left()
            except TimeoutError:
                raise Dead("silent", f"nobody listens for SRT at {host}:{port}") from None
            try:
                sock.settimeout(min(left, _AGAIN))
                sock.send(asked)
                return _read(sock.recv(1_500))
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                raise Dead("connect", f"nobody listens at {host}:{port}") from None


def _induction(socket_id: int) -> bytes:
    """A handshake of version 4, extension field 2, type 1: how every caller begins."""
    head = _HEAD.pack(0x8000_0000, 0, 0, 0)
    return head + _BODY.pack(4, 0, 2, 0, 1_500, 8_192, 1, socket_id, 0, bytes(16))


def _read(answer: bytes) -> str:
    if len(answer) < _HEAD.size + _BODY.size or answer[:2] != b"\x80\x00":
        raise Dead("protocol", "what answers is not SRT")
    version, _, extension, *_ = _BODY.unpack_from(answer, _HEAD.size)
    if version >= 5 and extension != _MAGIC:  # noqa: PLR2004 - the version with streamids
        raise Dead("protocol", "what answers is not SRT")
    return f"an SRT listener answers, version {version}"
