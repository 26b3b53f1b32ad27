"""``/readyz``: whether tonight can be trusted to it, as far as the ledger knows."""

from __future__ import annotations

import pytest

from tests.doors import HERE, Client, Door
from worker.conditions import Condition, Kind, Level


@pytest.fixture
def door(redis_url: str) -> Door:
    """Of a ledger that a beat, a worker and a watch have shown themselves in."""
    door = Door(redis_url)
    ledger = door.runtime.ledger
    for role in ("beat", "worker", "watch"):
        ledger.saw(role, f"here:{role}", ledger.now())
    return door


def here(door: Door) -> Client:
    return door.client(HERE, address="127.0.0.1", html=False)


def test_all_is_well(door: Door) -> None:
    answer = here(door).get("/readyz")
    assert answer.status_code == 200
    checks = answer.json()["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {
        "redis": True,
        "beat": True,
        "worker": True,
        "provider": True,
    }
    assert 0 <= checks["beat"]["age"] < 5


@pytest.mark.parametrize("role", ["beat", "worker"])
def test_one_who_is_silent_is_named(door: Door, role: str) -> None:
    ledger = door.runtime.ledger
    ledger.forget(role, f"here:{role}")
    ledger.saw(role, "there:1", ledger.now() - 300)
    answer = here(door).get("/readyz")
    assert (answer.status_code, answer.json()["checks"][role]["ok"]) == (503, False)


def test_that_the_provider_refuses_is_told_as_the_watch_found_it(door: Door) -> None:
    refused = Condition(kind=Kind.CREDENTIALS_REFUSED, level=Level.PAGE, scope="account")
    ledger = door.runtime.ledger
    ledger.alerts.judge({"account": [refused]}, ledger.now())
    answer = here(door).get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["provider"]["why"]) == (503, "credentials-refused")


def test_without_a_watch_nobody_knows_of_the_provider_and_that_is_no_trouble(door: Door) -> None:
    door.runtime.ledger.forget("watch", "here:watch")
    answer = here(door).get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["provider"]["ok"]) == (200, None)


def test_from_elsewhere_it_says_yes_or_no_and_nothing_else(door: Door) -> None:
    answer = door.client(html=False).get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_without_redis_it_is_not_ready_and_lives() -> None:
    client = here(Door("redis://127.0.0.1:1/0"))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
