"""What a call does when the network or the server misbehaves: real sockets, no assertion on the clock."""

from __future__ import annotations

import gzip
import json
import logging
import os
import signal
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.peers import NOON, RELAY, TURN, Line, make_cloud, peer, refusal, success
from tests.support import wait_until
from worker.errors import OutcomeUnknown, ProviderError, Unreachable
from worker.provider.classify import TooLong
from worker.provider.wire import MOST_BYTES
from worker.relay import Slot
from worker.turns import Turn, announcing, open_gate

OK = b"HTTP/1.1 200 OK\r\n"
SHORT = 0.4
"""Seconds: a deadline that the misbehaviour below outlasts many times over."""


def error_from(url: str, **settings: Any) -> ProviderError:
    with closing(make_cloud(url, **settings)) as cloud, pytest.raises(ProviderError) as caught:
        cloud.create(RELAY, turn=TURN)
    return caught.value


def answer_all(line: Line, document: Any = None) -> None:
    while line.request():
        line.answer(document or success(TaskId="77"))


def drip_headers(line: Line) -> None:
    line.request()
    line.say(OK + b"X-Drip: ")
    line.drip(b"x")
    line.say(b"\r\nContent-Length: 2\r\n\r\n{}")


def drip_body(line: Line) -> None:
    line.request()
    line.say(OK + b"Content-Length: 100000\r\n\r\n")
    line.drip(b" ")


def drip_chunks(line: Line) -> None:
    line.request()
    line.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    line.drip(b"1\r\n \r\n")


def hang(line: Line) -> None:
    line.request()
    if line.hung_up():
        raise BrokenPipeError


@pytest.mark.parametrize("behave", [drip_headers, drip_body, drip_chunks, hang])
def test_an_answer_that_never_ends_is_cut_off_and_the_connection_closed(
    behave: Callable[[Line], None],
) -> None:
    with peer(behave) as server:
        assert type(error_from(server.url, timeout=SHORT)) is OutcomeUnknown
        assert server.client_hung_up.wait(10)


def test_a_tls_handshake_that_hangs_has_sent_nothing() -> None:
    with peer(hang) as server:
        assert type(error_from(f"https://{server.address}", timeout=SHORT)) is Unreachable


def test_a_refused_connection_has_sent_nothing() -> None:
    with peer(hang) as server:
        url = server.url
    error = error_from(url)
    assert type(error) is Unreachable
    assert "nothing was sent" in str(error)


def test_a_process_that_stood_still_since_it_announced_the_call_sends_nothing() -> None:
    moments = [0.0]
    requests: list[bytes] = []

    def stand_still() -> None:
        moments[0] += 60

    turn = Turn(TURN.lane, 0.0, announce=stand_still)
    with (
        peer(lambda line: requests.append(line.request())) as server,
        closing(make_cloud(server.url, stopwatch=lambda: moments[0], gate=announcing(open_gate))) as cloud,
        pytest.raises(Unreachable, match="nothing was sent"),
    ):
        cloud.create(RELAY, turn=turn)
    assert not any(requests)


def reset_before_reading(line: Line) -> None:
    line.wait_for_first_byte()
    line.reset()


def reset_after_reading(line: Line) -> None:
    line.request()
    line.reset()


def close_without_a_word(line: Line) -> None:
    line.request()


def half_an_answer(line: Line) -> None:
    line.request()
    line.say(OK + b'Content-Length: 100\r\n\r\n{"Resp')


def no_http(line: Line) -> None:
    line.request()
    line.say(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@pytest.mark.parametrize(
    "behave", [reset_before_reading, reset_after_reading, close_without_a_word, half_an_answer, no_http]
)
def test_a_connection_that_breaks_leaves_the_outcome_unknown(behave: Callable[[Line], None]) -> None:
    with peer(behave) as server:
        assert type(error_from(server.url)) is OutcomeUnknown
        assert server.connections == 1


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_is_not_followed(status: str) -> None:
    with peer(answer_all) as elsewhere:

        def redirect(line: Line) -> None:
            line.request()
            line.answer(success(TaskId="77"), status, f"Location: {elsewhere.url}/\r\n")

        with peer(redirect) as server:
            assert type(error_from(server.url)) is OutcomeUnknown
        assert elsewhere.connections == 0


def test_proxies_and_netrc_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    requests = []

    def note(line: Line) -> None:
        requests.append(line.request())
        line.answer(success(TaskId="77"))

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with peer(answer_all) as trap, peer(note) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, trap.url)
        with closing(make_cloud(server.url)) as cloud:
            cloud.create(RELAY, turn=TURN)
        assert trap.connections == 0
    assert b"\r\nauthorization: hmac-sha256 " in requests[0].lower()


def test_an_answer_is_read_up_to_a_limit_and_no_further() -> None:
    def flood(line: Line) -> None:
        line.request()
        line.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(64 * MOST_BYTES // 65_536):
            line.say(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        line.say(b"0\r\n\r\n")

    with peer(flood) as server:
        assert type(error_from(server.url)) is TooLong
        assert server.client_hung_up.wait(10)


def test_a_compressed_answer_is_not_unpacked() -> None:
    packed = gzip.compress(json.dumps(success(TaskId="77")).encode())
    asked = []

    def bomb(line: Line) -> None:
        asked.append(line.request())
        line.say(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed))

    with peer(bomb) as server:
        assert type(error_from(server.url)) is OutcomeUnknown
    assert b"\r\nAccept-Encoding: identity\r\n" in asked[0]


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    except FileNotFoundError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: ssl.SSLContext) -> None:
    with peer(lambda line: line.shake_hands(certificate)) as server:
        error = error_from(f"https://{server.address}")
    assert type(error) is Unreachable
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)


def test_twenty_threads_share_one_client_and_each_gets_its_own_answer() -> None:
    together = threading.Barrier(20)

    def echo(line: Line) -> None:
        while request := line.request():
            together.wait(10)
            stream = json.loads(request.partition(b"\r\n\r\n")[2])["Stream"]
            line.answer(success(TaskId=stream))

    def create(number: int) -> str:
        relay = replace(RELAY, slot=Slot("pull.example.com", "live", f"s{number}"))
        return cloud.create(relay, turn=TURN).task_id

    with peer(echo) as server, closing(make_cloud(server.url)) as cloud, ThreadPoolExecutor(20) as pool:
        assert list(pool.map(create, range(40))) == [f"s{number}" for number in range(40)]
        assert server.connections == 20


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_its_own_connections_and_the_parent_keeps_its_own() -> None:
    with peer(answer_all) as server, closing(make_cloud(server.url)) as cloud:
        cloud.create(RELAY, turn=TURN)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(0 if cloud.create(RELAY, turn=TURN).task_id == "77" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert cloud.create(RELAY, turn=TURN).task_id == "77"
        assert server.connections == 2


def test_a_closed_client_leaves_no_thread_and_starts_again_when_called() -> None:
    before = set(threading.enumerate())
    with peer(answer_all) as server:
        cloud = make_cloud(server.url)
        for _ in range(2):
            assert cloud.create(RELAY, turn=TURN).task_id == "77"
            cloud.close()
        cloud.close()
        assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "provider"]


def test_closing_ends_the_calls_under_way() -> None:
    arrived = threading.Event()

    def wait(line: Line) -> None:
        line.request()
        arrived.set()
        line.hung_up()

    with peer(wait) as server, ThreadPoolExecutor(1) as pool:
        cloud = make_cloud(server.url, timeout=60)
        call = pool.submit(cloud.create, RELAY, turn=TURN)
        assert arrived.wait(10)
        cloud.close()
        with pytest.raises(OutcomeUnknown):
            call.result(10)


class TimeLimit(BaseException):
    """As a task's time limit strikes: out of the blue, in the calling thread."""


@pytest.fixture
def strike() -> Iterator[Callable[[], None]]:
    def struck(*_: Any) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGUSR1, struck)
    yield lambda: os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


def test_a_caller_that_is_interrupted_leaves_no_request_behind(strike: Callable[[], None]) -> None:
    def wait(line: Line) -> None:
        line.request()
        strike()
        hang(line)

    with peer(wait) as server, closing(make_cloud(server.url, timeout=60)) as cloud:
        with pytest.raises(TimeLimit):
            cloud.create(RELAY, turn=TURN)
        assert server.client_hung_up.wait(10)


def test_no_secret_reaches_a_log_an_error_or_a_representation(caplog: pytest.LogCaptureFixture) -> None:
    """Even if the provider echoes all it was sent, and someone turns on every log there is."""

    def echo(line: Line) -> None:
        while request := line.request():
            head, _, body = request.decode().partition("\r\n\r\n")
            kept = [line for line in head.split("\r\n") if "canary" in line]
            line.answer(refusal("InvalidParam", body + kept.pop()), "400 Bad Request", kept[0] + "\r\n")

    with peer(echo) as server, closing(make_cloud(server.url)) as cloud:
        for _ in range(2):
            with pytest.raises(ProviderError) as caught:
                cloud.create(RELAY, turn=TURN)
            for name in ("", "httpx", "httpcore", "asyncio"):
                caplog.set_level(logging.DEBUG, name)
        shown = (
            f"{caught.value!r} {caught.value} {caught.value.hint} {cloud!r} {cloud.__dict__} {caplog.text}"
        )
    assert "src.example.com" in shown
    assert "canary" not in shown


def test_an_error_holds_no_request_that_a_reporter_could_print() -> None:
    with peer(close_without_a_word) as server:
        error = error_from(server.url)
    assert (error.__cause__, error.__context__) == (None, None)


def test_how_long_a_call_took_is_read_off_the_stopwatch() -> None:
    moments = [5.0]

    def slowly(line: Line) -> None:
        line.request()
        moments[0] += 2.5
        line.answer(success(TaskId="77"))

    with peer(slowly) as server, closing(make_cloud(server.url, stopwatch=lambda: moments[0])) as cloud:
        assert cloud.create(RELAY, turn=TURN).seconds == 2.5


def test_the_skew_is_read_off_a_real_answer() -> None:
    def late(line: Line) -> None:
        line.request()
        line.answer(success(TaskId="77"), headers=f"Date: {NOON:%a, %d %b %Y} 12:02:00 GMT\r\n")

    with peer(late) as server, closing(make_cloud(server.url)) as cloud:
        cloud.create(RELAY, turn=TURN)
        assert wait_until(lambda: cloud.skew_seconds) == 120.0
