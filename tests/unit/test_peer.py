"""Who is at the other end of a request: on this machine, behind a proxy that we believe, or anybody."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from worker.web.peer import Peer, is_loopback, names_loopback, peer

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("127.0.0.1"))


def scope(client: str = "127.0.0.1", *, host: str = "127.0.0.1:8080", **more: Any) -> dict[str, Any]:
    headers = {"host": host} | more.pop("headers", {})
    return {
        "type": "http",
        "scheme": "http",
        "http_version": "1.1",
        "client": (client, 4711),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    } | more


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.8.9.1"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "127.0.0.9"])
def test_who_asks_from_this_machine_by_its_name_is_here(client: str, host: str) -> None:
    assert peer(scope(client, host=host), ()).here


@pytest.mark.parametrize(
    "told",
    [
        scope("192.0.2.7"),
        scope("192.0.2.7", host="localhost"),
        scope(host="relay.example.com"),
        scope(host="localhost.example.com"),
        scope(host="127.0.0.1.example.com"),
        scope(host="127.0.0.1@example.com"),
        scope(host=""),
        scope(host="["),
        scope(headers={"x-forwarded-for": "127.0.0.1"}),
        scope(headers={"x-forwarded-host": "localhost"}),
        scope(headers={"forwarded": "for=127.0.0.1"}),
        scope(headers={"x-real-ip": "127.0.0.1"}),
        scope(headers={"via": "1.1 proxy"}),
        scope(http_version="1.0"),
        scope() | {"client": None},
    ],
)
def test_who_asks_by_another_name_or_through_anything_is_not(told: dict[str, Any]) -> None:
    assert not peer(told, ()).here


def test_a_proxy_that_is_not_ours_is_believed_nothing() -> None:
    headers = {"x-forwarded-for": "198.51.100.9", "x-forwarded-proto": "https"}
    assert peer(scope("192.0.2.7", headers=headers), PROXIES) == Peer("192.0.2.7", secure=False, here=False)


def test_a_proxy_of_ours_says_who_asks_and_whether_by_tls() -> None:
    headers = {"x-forwarded-for": "198.51.100.9", "x-forwarded-proto": "https"}
    assert peer(scope("10.0.0.1", headers=headers), PROXIES) == Peer("198.51.100.9", secure=True, here=False)


def test_what_a_client_wrote_before_the_proxy_did_is_not_believed() -> None:
    headers = {"x-forwarded-for": "127.0.0.1, 203.0.113.5, 10.0.0.2"}
    assert peer(scope("10.0.0.1", headers=headers), PROXIES).address == "203.0.113.5"


@pytest.mark.parametrize("text", ["", "nonsense", "203.0.113.5, nonsense"])
def test_what_is_no_address_leaves_the_proxys(text: str) -> None:
    assert peer(scope("10.0.0.1", headers={"x-forwarded-for": text}), PROXIES).address == "10.0.0.1"


def test_nobody_who_comes_through_a_proxy_of_ours_is_here() -> None:
    assert not peer(scope("127.0.0.1"), PROXIES).here


def test_tls_that_ends_here_is_seen() -> None:
    assert peer(scope(scheme="https"), ()).secure


@pytest.mark.parametrize(
    ("address", "group"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::1:2", "2001:db8::/64"), ("", ""), ("pipe", "pipe")],
)
def test_an_ipv6_client_is_counted_with_its_whole_network(address: str, group: str) -> None:
    assert Peer(address, secure=False, here=False).group == group


def test_ipv4_clients_are_not_one_network_because_a_socket_for_both_kinds_writes_them_so() -> None:
    groups = {peer(scope(f"::ffff:192.0.2.{n}"), ()).group for n in (7, 8)}
    assert groups == {"192.0.2.7", "192.0.2.8"}
    assert peer(scope("::ffff:127.0.0.1"), ()).here


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("", False),
     ("desk.example.com", False)],
)  # fmt: skip
def test_what_can_only_mean_this_machine(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_an_address_of_a_page_says_whether_it_is_this_machines() -> None:
    assert names_loopback("http://127.0.0.1:8080/")
    assert not names_loopback("https://relay.example.com/")
