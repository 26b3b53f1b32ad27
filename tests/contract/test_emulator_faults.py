"""Each fault by name, over a real port, as a client sees it who knows nothing of faults."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.contract.account import AUTH, RELAY, Account, raw
from tests.support import wait_until
from worker.provider.emulator.app import create_app
from worker.provider.emulator.options import Options
from worker.provider.emulator.server import serving

CREATE, LIST = "CreateRelaySourceV4", "ListRelaySourceV4"


class Client:
    """Plain HTTP, once a request, with a short temper."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, action: str, fields: dict[str, Any], **how: Any) -> httpx.Response:
        with httpx.Client(
            base_url=self.url, auth=AUTH, trust_env=False, timeout=how.pop("timeout", 10)
        ) as http:
            return http.post("/", params={"Action": action, "Version": "2023-01-01"}, json=fields, **how)

    def create(self, **how: Any) -> httpx.Response:
        return self.post(CREATE, RELAY, **how)

    def admin(self, path: str, **how: Any) -> Any:
        method = "POST" if how else "GET"
        return httpx.request(method, f"{self.url}/_emulator/{path}", trust_env=False, **how).json()

    def held(self) -> int:
        return len(self.admin("state")["configs"])


@pytest.fixture(scope="module")
def _url() -> Iterator[str]:
    with serving(Options(settle=0, quota=10_000)) as url:
        yield url


@pytest.fixture
def client(_url: str) -> Client:
    client = Client(_url)
    slot = {name: RELAY[name] for name in ("Domain", "App", "Stream")}
    httpx.delete(f"{_url}/_emulator/relays", params=slot, trust_env=False)
    return client


@pytest.fixture
def fault(client: Client) -> Callable[..., None]:
    def choose(*specs: str, seed: int = 0) -> None:
        assert client.admin("faults", json={"Faults": specs, "Seed": seed}) == {}

    return choose


Fault = Callable[..., None]


@pytest.mark.parametrize(
    ("spec", "status", "code"),
    [
        ("CommonErr", 200, "CommonErr"), ("500", 500, "InternalError"), ("502", 502, "InternalServiceError"),
        ("503", 503, "ServiceUnavailableTemp"), ("504", 504, "InternalServiceTimeout"),
        ("429", 429, "FlowLimitExceeded"), ("UndefinedError", 500, "UndefinedError"),
    ],
)  # fmt: skip
def test_an_error_comes_before_the_effect_or_after_it(
    client: Client, fault: Fault, spec: str, status: int, code: str
) -> None:
    for held, when in enumerate(("before", "after")):
        fault(f"Create:{spec}:{when}")
        answer = client.create()
        assert answer.status_code == status
        assert answer.json()["ResponseMetadata"]["Error"]["Code"] == code
        assert client.held() == held


@pytest.mark.parametrize(
    ("spec", "error"), [("reset", httpx.ReadError), ("close", httpx.RemoteProtocolError)]
)
@pytest.mark.parametrize(("when", "held"), [("before", 0), ("after", 1)])
def test_a_connection_breaks_before_or_after_the_effect(
    client: Client, fault: Fault, spec: str, error: type[Exception], when: str, held: int
) -> None:
    fault(f"Create:{spec}:{when}")
    with pytest.raises(error):
        client.create()
    assert client.held() == held


def test_a_reset_is_a_reset_on_the_wire(client: Client, fault: Fault) -> None:
    fault("reset")
    with raw(client.url, CREATE, RELAY) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_a_close_is_an_orderly_end_on_the_wire(client: Client, fault: Fault) -> None:
    fault("close")
    with raw(client.url, CREATE, RELAY) as connection:
        assert connection.recv(1) == b""


@pytest.mark.parametrize(("when", "held"), [("before", 0), ("after", 1)])
def test_a_hang_outlasts_the_clients_patience(client: Client, fault: Fault, when: str, held: int) -> None:
    fault(f"Create:hang:{when}")
    with pytest.raises(httpx.ReadTimeout):
        client.create(timeout=0.2)
    assert client.held() == held


def test_a_hang_ends_in_a_reset(client: Client, fault: Fault) -> None:
    fault("hang:10ms")
    with pytest.raises(httpx.ReadError):
        client.create()


def test_a_dripping_answer_never_trips_a_timeout_between_bytes(client: Client, fault: Fault) -> None:
    fault("Create:drip:20ms")
    with raw(client.url, CREATE, RELAY) as connection:
        connection.settimeout(5)
        pieces = iter(lambda: connection.recv(65_536), b"")
        answer = [next(pieces) for _ in range(8)]
    assert max(len(piece) for piece in answer[2:]) < 20
    assert client.held() == 1


def test_a_dripping_answer_is_whole_in_the_end(client: Client, fault: Fault) -> None:
    fault("Create:drip:0s")
    assert client.create().json()["Result"]["TaskId"]


def test_a_cut_answer_announces_more_than_it_brings(client: Client, fault: Fault) -> None:
    fault("Create:cut")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.create()
    assert client.held() == 1


@pytest.mark.parametrize(("when", "held"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("spec", ["garbage", "empty"])
def test_an_answer_that_is_no_json_arrives_as_a_success(
    client: Client, fault: Fault, spec: str, when: str, held: int
) -> None:
    fault(f"Create:{spec}:{when}")
    answer = client.create()
    assert answer.status_code == 200
    assert (answer.content == b"") is (spec == "empty")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert client.held() == held


@pytest.mark.parametrize(("spec", "status"), [("html", 502), ("302", 302), ("520", 520), ("404", 404)])
def test_a_proxy_speaks_html(client: Client, fault: Fault, spec: str, status: int) -> None:
    fault(spec)
    answer = client.create(follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert ("Location" in answer.headers) is (status == 302)


def test_a_create_can_succeed_without_a_task_id(client: Client, fault: Fault) -> None:
    fault("no-task-id")
    assert client.create().json()["Result"] == {}
    assert client.held() == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_slow_answer_is_right_and_takes_its_time(client: Client, fault: Fault, when: str) -> None:
    fault(f"Create:slow:200ms:{when}")
    began = time.monotonic()
    assert client.create().json()["Result"]["TaskId"]
    assert time.monotonic() - began >= 0.2
    assert client.held() == 1


@pytest.mark.parametrize(("when", "held"), [("before", 0), ("after", 1)])
def test_a_slow_answer_that_nobody_waits_for_is_late_for_the_effect_or_not(
    client: Client, fault: Fault, when: str, held: int
) -> None:
    fault(f"Create:slow:1s:{when}")
    with pytest.raises(httpx.ReadTimeout):
        client.create(timeout=0.1)
    assert client.held() == held
    wait_until(lambda: client.held() == 1)


def test_a_late_effect_comes_after_the_error() -> None:
    account = Account(faults=("Create:504:late:3s",))
    assert (account.create().status, account.rows()) == (504, [])
    account.now += 2.9
    assert account.rows() == []
    account.now += 0.1
    assert len(account.rows()) == 1


def test_a_late_effect_does_not_see_what_came_in_between() -> None:
    account = Account(duplicate="append", faults=("Create:reset:late:3s:x1",))
    with pytest.raises(httpx.ReadError):
        account.create()
    account.create()
    account.now += 3
    assert len(account.rows()) == 2
    assert account.admin("stats")["repeated_creates"] == 1


def test_a_list_can_shift_under_its_reader(fault: Fault) -> None:
    account = Account(faults=("shift:x1",))
    for n in range(4):
        account.create(Stream=f"s{n}")

    def page(number: int) -> tuple[list[str], int]:
        found = account.post(LIST, {"Domain": "pull.example.com", "Page": number, "Size": 2}).result
        return [row["Stream"] for row in found["List"]], found["Pagination"]["TotalCount"]

    account.admin("faults", "POST", json={"Faults": []})
    assert page(1) == (["s0", "s1"], 4)
    account.admin("faults", "POST", json={"Faults": ["shift"]})
    assert page(2) == (["s3"], 3)


def test_a_fault_leaves_other_actions_alone(client: Client, fault: Fault) -> None:
    fault("Create:reset")
    assert client.post(LIST, {"Domain": "pull.example.com"}).json()["Result"]["List"] == []


def test_the_log_tells_the_fault_what_was_seen_and_what_was_true(client: Client, fault: Fault) -> None:
    fault("Create:reset:after:x1", "Create:garbage:before:x1")
    with contextlib.suppress(httpx.TransportError):
        client.create()
    client.create()
    seen = [
        (line["fault"], line["code"], line["status"], line["applied"])
        for line in client.admin("log")["lines"]
        if line.get("action") == CREATE
    ]
    assert seen[-2:] == [
        ("Create:reset:after:x1", "reset", 0, True),
        ("Create:garbage:before:x1", "garbage", 200, False),
    ]


def test_the_same_seed_gives_the_same_answers(client: Client, fault: Fault) -> None:
    def story(seed: int) -> list[int]:
        fault("500:25%", "502:25%", "429:25%", seed=seed)
        return [client.post(LIST, {"Domain": f"d{n}.example.com"}).status_code for n in range(12)]

    assert story(1) == story(1)
    assert len({tuple(story(seed)) for seed in range(1, 5)}) == 4


def test_the_profile_from_hell_breaks_nothing_but_answers(client: Client, fault: Fault) -> None:
    fault("hell")
    for n in range(60):
        with contextlib.suppress(httpx.TransportError):
            client.post(LIST, {"Domain": f"d{n}.example.com"}, timeout=0.3)
    fault()
    assert client.create().json()["Result"]["TaskId"]
    assert sum(client.admin("stats")["faults"].values()) > 20


def test_in_process_a_client_sees_the_same_transport_errors() -> None:
    for spec, error in (
        ("reset", httpx.ReadError),
        ("close", httpx.RemoteProtocolError),
        ("cut", httpx.ReadError),
    ):
        account = Account(faults=(f"Create:{spec}",))
        with pytest.raises(error):
            account.create()


@pytest.mark.parametrize("spec", ["hang", "drip:100ms", "slow:9s"])
def test_in_process_patience_ends_too(spec: str) -> None:
    account = Account(faults=(f"Create:{spec}",))
    account.http.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        account.create()


def test_an_asynchronous_client_can_use_it_in_process() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", auth=AUTH) as http:
            return await http.post("/", params={"Action": CREATE, "Version": "2023-01-01"}, json=RELAY)

    assert asyncio.run(ask()).json()["Result"]["TaskId"]
