"""RTMP as servers speak it, well or badly; and whatever else comes in, a probe ends with a finding."""

from __future__ import annotations

import math
import socket
import struct
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.origins import Origin, ending, listen_on, origin, page, saying, serving
from worker.probes import Probe, Prober, amf

CODES = {
    "",
    "name",
    "private",
    "connect",
    "tls",
    "protocol",
    "refused",
    "redirect",
    "absent",
    "silent",
    "stale",
}
HASTY = Prober(time.monotonic, timeout=0.5, private=True)
PRIVATE = Prober(time.monotonic, private=True)
HANDS = b"\x03" + bytes(1_536) + bytes(1_536)
SOUND, PICTURE = b"\xaf\x01\x21", b"\x17\x01\x00\x00\x00"
LONG = 0x0123_4567
"""A time in milliseconds that does not fit in three bytes: a stream of five hours."""


def said(
    kind: int, body: bytes, *, chunk: int = 128, at: int = 0, again: bool = True, number: int = 3
) -> bytes:
    """A message in chunks; ``again``: whether a long time is said in front of each."""
    long = at.to_bytes(4) if at >= 0xFF_FFFF else b""
    head = min(at, 0xFF_FFFF).to_bytes(3) + len(body).to_bytes(3) + bytes([kind]) + bytes(4) + long
    pieces = [body[i : i + chunk] for i in range(0, len(body), chunk)] or [b""]
    return bytes([number]) + head + (bytes([0xC0 | number]) + (long if again else b"")).join(pieces)


def command(*values: Any) -> bytes:
    return said(20, b"".join(map(amf.pack, values)))


def status(code: str, level: str = "status", description: str = "") -> bytes:
    about = {"level": level, "code": code, "description": description}
    return command("onStatus", 0.0, None, about)


LET_IN = command("_result", 1.0, None, {"code": "NetConnection.Connect.Success", "level": "status"})
MADE = command("_result", 2.0, None, 1.0)
BEGUN = HANDS + LET_IN + MADE + status("NetStream.Play.Start")
MEDIA = b"".join(said(8, SOUND) + said(9, PICTURE) for _ in range(3))


def found(*told: bytes, prober: Prober = PRIVATE) -> Probe:
    with serving(saying(*told)) as port:
        return prober(f"rtmp://ann:secret-1@127.0.0.1:{port}/live/key-1?token=token-1")


@pytest.fixture(scope="module")
def idle() -> Iterator[Origin]:
    with origin() as found:
        yield found


def test_a_stream_that_nobody_sends_to_a_real_server_is_silent(idle: Origin) -> None:
    """nginx lets a player in, and says nothing more."""
    probe = HASTY(idle.rtmp)
    assert (probe.code, probe.words) == (
        "silent",
        "RTMP begins, and no media comes: nobody sends this stream",
    )


def test_an_application_that_a_real_server_does_not_know_is_refused(idle: Origin) -> None:
    assert PRIVATE(idle.rtmp.replace("/live/", "/none/")).code == "refused"


def test_a_player_names_application_stream_and_address_without_the_password() -> None:
    heard = bytearray()

    def talk(sock: socket.socket) -> None:
        sock.sendall(BEGUN + MEDIA)
        while piece := sock.recv(65_536):
            heard.extend(piece)

    with serving(talk) as port:
        probe = PRIVATE(f"rtmp://ann:secret-1@127.0.0.1:{port}/live/inner/key-1?token=token-1")
        address = f"rtmp://127.0.0.1:{port}/live/inner"
    assert probe.alive, probe
    assert amf.pack(address) in heard and amf.pack("key-1?token=token-1") in heard
    assert b"secret-1" not in heard


CUTS = {
    "plain": MEDIA,
    "large": said(1, (4_096).to_bytes(4)) + said(9, PICTURE + bytes(5_000), chunk=4_096) + MEDIA,
    "tiny": said(1, (1).to_bytes(4))
    + said(9, PICTURE, chunk=1)
    + said(1, (128).to_bytes(4), chunk=1)
    + MEDIA,
    "in pieces": said(9, PICTURE + bytes(500)) + MEDIA,
    "long time": said(9, PICTURE + b"\xff" * 500, at=LONG) + MEDIA,
    "long time said once": said(9, PICTURE + b"\xff" * 500, at=LONG, again=False) + MEDIA,
    "empty": said(9, b"", number=5) + MEDIA,
    "number of two bytes": b"\x00\x10" + said(8, SOUND)[1:] + MEDIA,
    "number of three bytes": b"\x01\x10\x10" + said(8, SOUND)[1:] + MEDIA,
    "given up": said(9, PICTURE + bytes(500))[: 12 + 128] + MEDIA,
    "ping": said(4, b"\x00\x06\x00\x00\x00\x01") + MEDIA,
    "mixed": said(22, b"\x08" + bytes(20)) * 2 + MEDIA,
    "strange command": said(20, b"\xff\xff\xff") + MEDIA,
}


@pytest.mark.parametrize("told", CUTS.values(), ids=CUTS)
def test_a_stream_plays_however_it_is_cut_into_chunks(told: bytes) -> None:
    assert found(BEGUN, told).alive


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (
            command("_error", 1.0, None, {"code": "NetConnection.Connect.Rejected", "level": "error"}),
            "refused",
        ),
        (command("_error", 1.0, None), "refused"),
        (LET_IN + command("_error", 2.0, None), "refused"),
        (LET_IN + MADE + status("NetStream.Play.StreamNotFound", "error"), "absent"),
        (LET_IN + MADE + status("NetStream.Play.Failed", "error"), "absent"),
        (LET_IN + MADE + status("NetStream.Play.UnpublishNotify"), "absent"),
        (LET_IN + MADE + status("NetStream.Play.BadAuth"), "refused"),
        (LET_IN + MADE + status("NetStream.Play.Start"), "silent"),
        (LET_IN + command("_result", 2.0, None, math.nan), "silent"),
        (LET_IN + command("_result", 2.0, None, 1e300), "silent"),
        (b"\xc3", "protocol"),
        (b"\x03\x00\x00\x00\xff\xff\xff\x14" + bytes(4), "protocol"),
        (b"".join(said(9, bytes(200), number=n)[:140] for n in range(3, 63)) * 2, "silent"),
    ],
)
def test_what_a_server_says_instead_of_playing_is_named(told: bytes, code: str) -> None:
    assert found(HANDS, told, prober=HASTY if code == "silent" else PRIVATE).code == code


def test_a_server_that_quotes_the_key_is_not_quoted() -> None:
    for code in ("NetStream.Play.StreamNotFound", "key-1", "NetStream.Play.key-1.Failed"):
        probe = found(HANDS, LET_IN, MADE, status(code, "error", "no stream key-1?token=token-1 here"))
        assert not probe.alive
        assert not [each for each in ("key-1", "token-1", "secret-1") if each in str(probe)]


def test_messages_that_never_end_are_not_kept_without_bounds() -> None:
    """Each is of 4 MB, on a chunk stream of its own, and stops after the first."""
    about = bytes(3) + (3_999_999).to_bytes(3) + b"\x09" + bytes(4)
    begun = [b"\x01" + n.to_bytes(2) + about for n in range(50)]

    def talk(sock: socket.socket) -> None:
        sock.sendall(HANDS + said(1, (1_000_000).to_bytes(4)))
        for each in begun:
            sock.sendall(each + bytes(1_000_000))
        listen_on(sock)

    tracemalloc.start()
    with serving(talk) as port:
        probe = PRIVATE(f"rtmp://127.0.0.1:{port}/live/key")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert probe.code == "protocol"
    assert peak < 50_000_000


# Whatever comes.


@dataclass
class Anything:
    """A server that says whatever the example at hand is, and ends."""

    port: int
    told: list[bytes]

    def probe(self, url: str, told: bytes) -> Probe:
        self.told[:] = [told]
        return PRIVATE(url.format(self.port))


@pytest.fixture(scope="module")
def anything() -> Iterator[Anything]:
    told = [b""]

    def talk(sock: socket.socket) -> None:
        ending(*told)(sock)

    with serving(talk) as port:
        yield Anything(port, told)


AMF = st.recursive(
    st.none() | st.booleans() | st.floats(width=64) | st.text(max_size=8),
    lambda inner: st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["code", "level"]), inner, max_size=4
    ),
    max_leaves=12,
)
MESSAGES = st.builds(
    said,
    st.integers(0, 22) | st.sampled_from([1, 8, 9, 20]),
    st.binary(max_size=400) | st.lists(AMF, max_size=5).map(lambda all_: b"".join(map(amf.pack, all_))),
    chunk=st.sampled_from([1, 64, 128]),
    at=st.sampled_from([0, 0xFF_FFFF, LONG]),
    again=st.booleans(),
    number=st.integers(2, 10),
)
RTMP = st.lists(MESSAGES | st.binary(max_size=50) | st.sampled_from([LET_IN, MADE, MEDIA]), max_size=8).map(
    b"".join
)
FOUND = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FOUND
@given(st.sampled_from([b"", HANDS, HANDS + LET_IN, BEGUN]), RTMP)
def test_whatever_comes_by_rtmp_is_a_finding(anything: Anything, begun: bytes, told: bytes) -> None:
    assert anything.probe("rtmp://127.0.0.1:{}/live/key", begun + told).code in CODES


HEADERS = st.sampled_from(
    [
        "Transfer-Encoding: chunked",
        "Content-Length: 5",
        "Content-Length: -1",
        "Content-Length: x",
        "\x00: \x00",
        ": ",
        " x",
    ]
)
FLV = b"FLV\x01\x05\x00\x00\x00\x09"
BODIES = st.binary(max_size=200)
HTTP = st.builds(
    lambda headers, body: "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode() + body,
    st.lists(HEADERS, max_size=3),
    BODIES | BODIES.map(lambda body: FLV + body),
)


@FOUND
@given(st.binary(max_size=300) | HTTP)
def test_whatever_comes_by_http_flv_is_a_finding(anything: Anything, told: bytes) -> None:
    assert anything.probe("http://127.0.0.1:{}/live/key.flv", told).code in CODES


LINES = st.sampled_from(
    [
        "#EXT-X-TARGETDURATION:60",
        f"#EXT-X-MEDIA-SEQUENCE:{'9' * 5_000}",
        "#EXT-X-MEDIA-SEQUENCE:-1",
        "#EXT-X-STREAM-INF:",
        '#EXT-X-MAP:URI="[::"',
        "#EXT-X-ENDLIST",
        "#EXTINF:",
        "live.m3u8",
        "http://[::1",
        "//127.0.0.1:99999/",
        "http://127.0.0.1:1/\u2028",
        "ftp://127.0.0.1/x",
    ]
)
LISTS = st.lists(LINES | st.text(max_size=20), max_size=8).map(
    lambda lines: page("\n".join(["#EXTM3U", *lines, "#EXT-X-TARGETDURATION:60"]).encode(errors="replace"))
)


@FOUND
@given(LISTS)
def test_whatever_comes_as_a_playlist_is_a_finding(anything: Anything, told: bytes) -> None:
    assert anything.probe("http://127.0.0.1:{}/a.m3u8", told).code in CODES


@given(st.binary(max_size=300))
def test_whatever_stands_in_a_command_can_be_read_as_far_as_it_goes(body: bytes) -> None:
    assert isinstance(amf.parse(body), list)


@given(st.lists(AMF, max_size=4))
def test_a_command_is_read_as_it_was_written(values: list[Any]) -> None:
    assert repr(amf.parse(b"".join(map(amf.pack, values)))) == repr(values)


def test_values_of_kinds_that_we_never_write_are_read_over() -> None:
    array = b"\x0a" + (2).to_bytes(4) + b"\x05\x06"
    date = b"\x0b" + struct.pack("!d", 5.0) + bytes(2)
    mixed = b"\x08" + (1).to_bytes(4) + b"\x00\x01a\x0c" + (3).to_bytes(4) + b"xyz" + b"\x00\x00\x09"
    assert amf.parse(array + date + mixed + b"\x05") == [[None, None], 5.0, {"a": "xyz"}, None]
    assert amf.parse(b"\x0a\xff\xff\xff\xff" * 1_000) == []
