"""Probes against real origins, and against everything else that can be found at an address."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.origins import (
    KEY,
    Origin,
    certificate,
    ending,
    flv_over_http,
    listen_on,
    need,
    origin,
    page,
    pulls_by_srt,
    saying,
    serving,
    srt_listener,
    trickling,
)
from worker.embedded import free_port
from worker.probes import Probe, Prober, line
from worker.probes.codecs import codecs

SHORT = 0.5
"""Seconds, where nothing will come however long we wait."""
PRIVATE = Prober(time.monotonic, private=True)
HASTY = Prober(time.monotonic, timeout=SHORT, private=True)

SCRIPT = b"\x12\x00\x00\x01" + bytes(7) + b"\x05" + bytes(4)
FLV = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(4)
SOUND = b"\x08\x00\x00\x02" + bytes(7) + b"\xaf\x01" + bytes(4)
PICTURE = b"\x09\x00\x00\x05" + bytes(7) + b"\x17\x01\x00\x00\x00" + bytes(4)
SEGMENTS = "#EXTINF:1,\na.ts\n#EXTINF:1,\nb.ts\n"
LIVE = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:7\n{SEGMENTS}"


@pytest.fixture(scope="module")
def live() -> Iterator[Origin]:
    with origin() as found, found.sending():
        yield found


def said(*told: bytes, url: str = "http://127.0.0.1:{}/live/news.flv") -> Probe:
    """What is found where this is said."""
    with serving(saying(*told)) as port:
        return PRIVATE(url.format(port))


def playlist(text: str, **files: bytes) -> Probe:
    """What is found where this playlist stands still, and these files lie beside it."""
    lying = {"live.m3u8": text.encode(), "a.ts": b"\x47", "b.ts": b"\x47"}
    lying |= {name.replace("_", "."): body for name, body in files.items()}

    def talk(sock: socket.socket) -> None:
        name = sock.recv(65_536).split()[1].decode().lstrip("/")
        sock.sendall(page(lying[name]) if name in lying else page(b"", "404 Not Found"))

    with serving(talk) as port:
        return PRIVATE(f"http://127.0.0.1:{port}/live.m3u8")


class Names:
    """A name server, as ``socket.getaddrinfo`` asks it; what it does not hold does not exist."""

    def __init__(self) -> None:
        self.held: dict[str, list[str]] = {}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        if host not in self.held:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in at], 1, 6, "", (at, port)) for at in self.held[host]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    found = Names()
    monkeypatch.setattr(socket, "getaddrinfo", found)
    return found


# What plays.


def test_a_stream_by_rtmp_plays(live: Origin) -> None:
    probe = PRIVATE(live.rtmp)
    assert (probe.code, probe.words) == ("", "RTMP with audio and video")


def test_a_stream_by_hls_goes_on(live: Origin) -> None:
    probe = PRIVATE(live.hls)
    assert probe.alive, probe
    assert "it goes on" in probe.words


def test_a_stream_by_http_flv_plays() -> None:
    with flv_over_http() as url:
        probe = PRIVATE(url)
    assert (probe.code, probe.words) == ("", "FLV with audio and video")


def test_an_srt_listener_is_found_and_its_only_seat_stays_free() -> None:
    with srt_listener() as url:
        probe = PRIVATE(f"{url}?streamid=news")
        assert (probe.code, probe.words) == ("", "an SRT listener answers, version 5")
        assert pulls_by_srt(url)


@pytest.mark.parametrize("how", ["rtmp", "hls"])
def test_what_is_in_a_stream_is_told_where_ffprobe_is_installed(live: Origin, how: str) -> None:
    need("ffprobe")
    probe = Prober(time.monotonic, private=True, codecs=codecs)(getattr(live, how))
    assert sorted(probe.codecs.split(", ")) == ["aac", "h264 160x120"]


def test_a_stream_plays_as_well_where_no_ffprobe_is_installed(
    live: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    probe = Prober(time.monotonic, private=True, codecs=codecs)(live.rtmp)
    assert (probe.alive, probe.codecs) == (True, "")


def test_a_radio_stream_without_pictures_plays() -> None:
    probe = said(page(FLV + SCRIPT + 64 * SOUND))
    assert (probe.code, probe.words) == ("", "FLV with audio")


def test_the_first_playlist_that_a_master_playlist_names_is_followed(live: Origin) -> None:
    master = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{KEY}.m3u8\n"
    (live.folder / "hls" / "master.m3u8").write_text(master)
    probe = PRIVATE(live.hls.replace(KEY, "master"))
    assert probe.alive, probe


def test_a_password_in_an_address_of_http_is_said_to_the_server_alone() -> None:
    heard = []

    def talk(sock: socket.socket) -> None:
        heard.append(sock.recv(65_536).decode())
        sock.sendall(page(b"", "401 Unauthorized"))

    with serving(talk) as port:
        probe = PRIVATE(f"http://ann:p%40ss-1@127.0.0.1:{port}/live.flv?token=token-1")
    assert "Authorization: Basic YW5uOnBAc3MtMQ==\r\n" in heard[0]
    assert f"Host: 127.0.0.1:{port}\r\n" in heard[0]
    assert "ss-1" not in str(probe) and "token-1" not in str(probe)


# Names and ways.


def test_a_name_that_nobody_knows_is_named_as_that(names: Names) -> None:
    probe = PRIVATE("rtmp://gone.example.com/live/news")
    assert (probe.code, probe.words) == ("name", "its name is not known")


def test_a_name_server_that_does_not_answer_is_not_the_sources_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    probe = PRIVATE("rtmp://a.example.com/live/news")
    assert (probe.code, "name server" in probe.words) == ("name", True)


def test_a_look_up_that_hangs_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def look_up(*_: Any, **__: Any) -> None:
        ended.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    probe = HASTY("rtmp://a.example.com/live/news")
    ended.set()
    assert (probe.code, probe.words) == ("name", "looking up its name takes too long")


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"],
)
@pytest.mark.parametrize(
    "url", ["rtmp://a.example.com/x/y", "http://a.example.com/x.flv", "srt://a.example.com:9000"]
)
def test_an_address_inside_a_network_is_not_gone_to(names: Names, inside: str, url: str) -> None:
    names.held["a.example.com"] = [inside]
    probe = Prober(time.monotonic)(url)
    assert (probe.code, inside in probe.words) == ("private", True)


def test_of_several_addresses_those_inside_networks_are_left_out(names: Names) -> None:
    names.held["a.example.com"] = ["10.0.0.1", "93.184.216.34", "fe80::1", "2606:2800::1"]
    reach = line.Reach(line.Deadline(time.monotonic, time.monotonic() + 5), private=False)
    found = reach.addresses("a.example.com", 80, socket.SOCK_STREAM)
    assert [where[0] for _, where in found] == ["93.184.216.34", "2606:2800::1"]


def test_a_name_is_looked_up_once_so_that_what_was_checked_is_gone_to(names: Names) -> None:
    names.held["a.example.com"] = ["127.0.0.1"]
    probe = said(page(FLV + 4 * SOUND + PICTURE), url="http://a.example.com:{}/news.flv")
    assert (probe.code, names.asked) == ("", ["a.example.com"])


def test_the_next_address_of_a_name_is_tried_when_the_first_lets_nobody_in(names: Names) -> None:
    names.held["a.example.com"] = ["127.0.0.2", "127.0.0.1"]
    probe = said(page(FLV + 4 * SOUND + PICTURE), url="http://a.example.com:{}/news.flv")
    assert probe.alive, probe


def test_one_address_that_swallows_what_comes_leaves_time_for_the_next(names: Names) -> None:
    """A queue that nobody empties: once it is full, the kernel answers nobody."""
    names.held["a.example.com"] = ["127.0.0.2", "127.0.0.1"]
    with serving(saying(page(FLV + 4 * SOUND + PICTURE))) as port, contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.2", port), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        probe = Prober(time.monotonic, timeout=3, private=True)(f"http://a.example.com:{port}/news.flv")
    assert probe.alive, probe


def test_a_playlist_cannot_lead_inside_a_network(names: Names) -> None:
    """The check is made for each address that is gone to, and not for the first alone."""
    names.held["a.example.com"] = ["127.0.0.1"]
    text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://inside.example.com/live.m3u8\n"
    probe = said(page(text.encode()), url="http://a.example.com:{}/live.m3u8")
    assert (probe.code, names.asked[-1]) == ("name", "inside.example.com")


@pytest.mark.parametrize(
    "other", ["file:///etc/passwd", "rtmp://127.0.0.1/live/x", "http://[::1", "//x:99999/"]
)
def test_a_playlist_leads_to_http_alone(other: str) -> None:
    assert playlist(f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{other}\n").code == "protocol"


@pytest.mark.parametrize(
    "url", ["rtmp://127.0.0.1:{}/live/news", "http://127.0.0.1:{}/x.flv", "srt://127.0.0.1:{}"]
)
def test_a_port_at_which_nobody_listens_is_named_as_that(url: str) -> None:
    port = free_port()
    probe = PRIVATE(url.format(port))
    assert (probe.code, f"port {port}" in probe.words) == ("connect", True)


# What answers, and does not play.


@pytest.mark.parametrize(
    "url", ["rtmp://127.0.0.1:{}/live/news", "http://127.0.0.1:{}/x.flv", "rtmps://127.0.0.1:{}/a/b"]
)
def test_one_that_accepts_and_says_nothing_is_given_up(url: str) -> None:
    with serving(listen_on) as port:
        probe = HASTY(url.format(port))
    assert probe.code == ("tls" if url.startswith("rtmps") else "silent")


@pytest.mark.parametrize(
    "path", ["rtmp://127.0.0.1:{}/live/news", "http://127.0.0.1:{}/x.flv", "rtmps://127.0.0.1:{}/a/b"]
)
def test_one_that_hangs_up_is_named_as_that(path: str) -> None:
    with serving(lambda _: None) as port:
        probe = PRIVATE(path.format(port))
    assert probe.code == ("tls" if path.startswith("rtmps") else "silent")
    assert "closes the connection" in probe.words


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("rtmp://127.0.0.1:{}/live/news", b"\x03"),
        ("http://127.0.0.1:{}/x.flv", b"HTTP/1.1 200 OK\r\nX-Long: x"),
        ("http://127.0.0.1:{}/x.flv", b"FLV"),
        ("http://127.0.0.1:{}/x.m3u8", b"HTTP/1.1 200 OK\r\n\r\n#EXTM3U\n"),
        ("rtmps://127.0.0.1:{}/live/news", b"\x16\x03\x03\x40\x00"),
    ],
)
def test_a_trickle_cannot_hold_us(url: str, told: bytes) -> None:
    """It never ends, so that this test only does because the deadline is one for the whole."""
    with serving(trickling(told)) as port:
        assert not HASTY(url.format(port)).alive


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rtmp://127.0.0.1:{}/live/news", "what answers is not RTMP"),
        ("http://127.0.0.1:{}/x.flv", "what answers is not HTTP"),
        ("http://127.0.0.1:{}/x.m3u8", "what answers is not HTTP"),
    ],
)
def test_another_protocol_is_named_as_that(url: str, words: str) -> None:
    probe = said(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", url=url)
    assert (probe.code, probe.words) == ("protocol", words)


def test_one_that_speaks_no_tls_is_named_as_that() -> None:
    assert said(b"HTTP/1.1 400 Bad Request\r\n\r\n", url="https://127.0.0.1:{}/x.flv").code == "tls"


@pytest.mark.parametrize("url", ["rtmps://127.0.0.1:{}/live/news", "https://127.0.0.1:{}/live/news.flv"])
def test_a_certificate_that_nobody_signed_is_refused_with_words(url: str, tmp_path: Path) -> None:
    with serving(listen_on, certificate(tmp_path)) as port:
        probe = PRIVATE(url.format(port))
    assert (probe.code, probe.words) == ("tls", "its certificate is not accepted: self-signed certificate")


def test_a_stream_plays_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with serving(saying(page(FLV + 4 * SOUND + PICTURE)), context) as port:
        probe = PRIVATE(f"https://127.0.0.1:{port}/live/news.flv")
    assert (probe.code, probe.words) == ("", "FLV with audio and video")


def test_a_path_that_a_real_server_does_not_know_or_does_not_give_away_is_named_as_that(live: Origin) -> None:
    host = live.hls.partition("/hls")[0]
    assert PRIVATE(f"{host}/none.flv").code == "absent"
    assert PRIVATE(f"{host}/secret/news.flv").code == "refused"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("301 Moved Permanently", "redirect"),
        ("302 Found", "redirect"),
        ("401 Unauthorized", "refused"),
        ("403 Forbidden", "refused"),
        ("404 Not Found", "absent"),
        ("410 Gone", "absent"),
        ("503 Service Unavailable", "refused"),
        ("204 No Content", "refused"),
    ],
)
def test_what_http_answers_is_named_with_its_number(status: str, code: str) -> None:
    probe = said(page(b"", status, "Location: http://127.0.0.1:1/elsewhere"))
    assert (probe.code, status[:3] in probe.words) == (code, True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (FLV, "silent"),
        (FLV + SCRIPT, "silent"),
        (FLV + 3 * SOUND, "silent"),
        (FLV + 64 * (b"\x08\x00\x00\x02" + bytes(7) + b"\xaf\x00" + bytes(4)), "silent"),
        (b"<html>", "protocol"),
        (b"FLV\x01\x05\x00\x00\x00\x00", "protocol"),
        (b"FLV\x01\x05\xff\xff\xff\xff", "protocol"),
        (FLV + b"\x08\xff\xff\xff" + bytes(7), "protocol"),
    ],
    ids=["header", "script", "leftover", "how-to-decode", "html", "no-offset", "offset", "endless"],
)
@pytest.mark.parametrize("more", [True, False], ids=["and-waits", "and-ends"])
def test_flv_in_which_nothing_plays_is_not_alive(body: bytes, code: str, more: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with serving((saying if more else ending)(head + body)) as port:
        assert (HASTY if code == "silent" else PRIVATE)(f"http://127.0.0.1:{port}/live/news.flv").code == code


STILL = {
    "still": (LIVE, "stale", "stands still at segment 8"),
    "ended": (LIVE + "#EXT-X-ENDLIST\n", "stale", "has ended"),
    "empty": ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n", "silent", "no segment"),
    "master of none": ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "protocol", "names no other"),
    "nameless": ("#EXTM3U\n#EXTINF:1,\n", "protocol", "names no address"),
    "html": ("<html>", "protocol", "no playlist"),
    "segment gone": (LIVE.replace("b.ts", "c.ts"), "absent", "404"),
    "segment empty": (LIVE.replace("b.ts", "empty.ts"), "silent", "empty"),
    "no time": (LIVE.replace("ION:1", f"ION:{'9' * 5_000}"), "", "no time"),
    "segments of no time": (LIVE.replace("ION:1", "ION:0"), "stale", "stands still"),
    "endless": ("#EXTM3U\n" + "#" * 1_000_000, "protocol", "no playlist"),
}


@pytest.mark.parametrize(("text", "code", "word"), STILL.values(), ids=STILL)
def test_a_playlist_that_does_not_go_on_is_named_by_what_is_wrong(text: str, code: str, word: str) -> None:
    probe = playlist(text, empty_ts=b"")
    assert (probe.code, word in probe.words) == (code, True), probe


def test_a_playlist_of_segments_too_long_to_wait_for_is_alive_and_says_so() -> None:
    probe = playlist(LIVE.replace("ION:1", "ION:60"))
    assert (probe.code, "no time to see" in probe.words) == ("", True)


# SRT.


def answered_by(*told: bytes) -> Probe:
    """What is found where a datagram is answered by these."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def talk() -> None:
            _, caller = sock.recvfrom(2_000)
            for each in told:
                sock.sendto(each, caller)

        thread = threading.Thread(target=talk)
        thread.start()
        probe = (PRIVATE if told else HASTY)(f"srt://127.0.0.1:{sock.getsockname()[1]}?streamid=news")
        thread.join()
    return probe


@pytest.mark.parametrize(
    "told", [b"", b"garbage", b"\x80\x00" + bytes(62), b"\xff" * 64, b"\x80\x00" + b"\xff" * 1_400]
)
def test_what_answers_and_is_not_srt_is_named_as_that(told: bytes) -> None:
    assert answered_by(told).code == "protocol"


def test_a_port_that_swallows_datagrams_is_named_as_silent() -> None:
    probe = answered_by()
    assert (probe.code, probe.words[:14]) == ("silent", "nobody answers")
