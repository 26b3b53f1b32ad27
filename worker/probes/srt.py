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

from worker.probes.line import Dead, Played, Reach

_MAGIC: Final = 0x4A17
_AGAIN: Final = 0.5
"""Seconds after which the question is asked again: datagrams get lost."""
_HEAD: Final = struct.Struct("!IIII")
_BODY: Final = struct.Struct("!IHHIIIIII16s")
_HANDSHAKE: Final = 0x8000_0000
_INDUCTION: Final = 1


def greet(reach: Reach, host: str, port: int) -> Played:
    """What answers. Raises ``Dead``."""
    family, where = reach.addresses(host, port, socket.SOCK_DGRAM)[0]
    ours = int.from_bytes(os.urandom(3)) + 1
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(where)
        while True:
            try:
                left = reach.deadline.left()
            except TimeoutError:
                raise Dead("silent", f"nobody answers on port {port} for SRT") from None
            try:
                sock.settimeout(min(left, _AGAIN))
                sock.send(_induction(ours))
                return Played(_read(sock.recv(1_500), ours))
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                raise Dead("connect", f"nobody listens on port {port} for SRT") from None


def _induction(socket_id: int) -> bytes:
    """A handshake of version 4, extension field 2, type 1: how every caller begins."""
    body = _BODY.pack(4, 0, 2, 0, 1_500, 8_192, _INDUCTION, socket_id, 0, bytes(16))
    return _HEAD.pack(_HANDSHAKE, 0, 0, 0) + body


def _read(answer: bytes, ours: int) -> str:
    if len(answer) < _HEAD.size + _BODY.size:
        raise Dead("protocol", "what answers is not SRT")
    what, _, _, to = _HEAD.unpack_from(answer)
    version, _, extension, _, _, _, kind, *_ = _BODY.unpack_from(answer, _HEAD.size)
    modern = version >= 5  # noqa: PLR2004 - the version with streamids
    if (what, to, kind) != (_HANDSHAKE, ours, _INDUCTION) or (modern and extension != _MAGIC):
        raise Dead("protocol", "what answers is not SRT")
    return f"an SRT listener answers, version {version}"
