"""The endpoints under /_emulator/, and what a checker may rely on in state, stats and log."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tests.contract.account import NOON, RELAY, SLOT, Account
from worker.provider.emulator.app import create_app
from worker.redact import mask_source


@pytest.fixture
def account() -> Account:
    return Account()


def test_the_state_shows_every_config(account: Account) -> None:
    task = account.create().result["TaskId"]
    assert account.admin("state") == {
        "now": NOON,
        "configs": [
            {"vhost": "pull.example.com", "app": "live", "stream": "news", "domain": "pull.example.com",
             "task_id": task, "sources": RELAY["SrcAddrS"], "start": NOON + 600, "end": NOON + 1200,
             "foreign": False, "creates": 1, "state": "offline"},
        ],
        "late": [],
        "dead_sources": [],
    }  # fmt: skip


def test_a_foreign_config_can_be_planted_and_is_listed_like_any_other(account: Account) -> None:
    account.admin("relays", "POST", json=RELAY)
    assert account.create().code == "InvalidParam"
    assert account.rows() == [RELAY | {"Vhost": "pull.example.com"}]
    assert account.admin("state")["configs"][0]["foreign"] is True


def test_a_foreign_config_can_take_the_place_of_ours(account: Account) -> None:
    account.create()
    account.admin("relays", "POST", json=RELAY | {"SrcAddrS": ["rtmp://thief/x"], "Replace": True})
    assert [row["SrcAddrS"] for row in account.rows()] == [["rtmp://thief/x"]]


def test_a_config_can_vanish_behind_its_owners_back(account: Account) -> None:
    account.create()
    account.admin("relays", "DELETE", params=SLOT)
    assert account.rows() == []


def test_a_source_can_die_and_come_back(account: Account) -> None:
    account.create(SrcAddrS=["rtmp://a/b"], StartTime=NOON - 60)
    states = [account.state()]
    for alive in (False, True):
        account.admin("sources", "POST", json={"Source": "rtmp://a/b", "Alive": alive})
        states.append(account.state())
        assert account.admin("state")["dead_sources"] == ([] if alive else ["rtmp://a/b"])
    assert states == ["online", "offline", "online"]


def test_a_stream_can_be_forbidden(account: Account) -> None:
    account.create(StartTime=NOON - 60)
    account.admin("streams", "POST", json=SLOT | {"Forbidden": True})
    assert account.state() == "forbidden"
    account.admin("streams", "POST", json=SLOT | {"Forbidden": False})
    assert account.state() == "online"


def test_the_stats_count_answers_by_action_and_code(account: Account) -> None:
    account.create()
    account.create()
    account.rows()
    stats = account.admin("stats")
    assert (stats["requests"], stats["worst_second"], stats["over_quota"]) == (3, 3, 0)
    assert stats["by_action"] == {
        "CreateRelaySourceV4": {"ok": 1, "InvalidParam": 1}, "ListRelaySourceV4": {"ok": 1},
    }  # fmt: skip


def test_the_stats_count_what_was_over_the_quota() -> None:
    account = Account(quota=2)
    for _ in range(5):
        account.post("ListRelaySourceV4", {"Domain": "pull.example.com"})
    stats = account.admin("stats")
    assert (stats["over_quota"], stats["worst_second"]) == (3, 5)
    assert stats["by_action"]["ListRelaySourceV4"] == {"ok": 2, "FlowLimitExceeded": 3}


@pytest.mark.parametrize(
    ("duplicate", "live", "repeated"), [("append", 2, 2), ("overwrite", 0, 2), ("refuse", 0, 2)]
)
def test_the_stats_count_duplicates_and_blind_repeats(duplicate: str, live: int, repeated: int) -> None:
    account = Account(duplicate=duplicate)
    for end in (1200, 1200, 1200, 1300):
        account.create(EndTime=NOON + end)
    account.create(Stream="other")
    stats = account.admin("stats")
    assert (stats["live_duplicates"], stats["worst_duplicates"]) == (live, live)
    assert stats["repeated_creates"] == repeated


def test_a_duplicate_that_was_removed_is_still_remembered_as_the_worst() -> None:
    account = Account(duplicate="append")
    account.create(), account.create(), account.delete()
    stats = account.admin("stats")
    assert (stats["live_duplicates"], stats["worst_duplicates"]) == (0, 1)


def test_the_stats_count_relays_made_for_ever(account: Account) -> None:
    account.create(StartTime=None, EndTime=None)
    assert account.admin("stats")["permanent_created"] == 1


def test_a_line_of_the_log_says_it_all(tmp_path: Path) -> None:
    account = Account(log=tmp_path / "log.jsonl")
    account.create(StartTime=str(NOON + 600))
    (line,) = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
    assert line.pop("request_id")
    assert line == {
        "kind": "request", "at": NOON, "action": "CreateRelaySourceV4", "domain": "pull.example.com",
        "vhost": None, "app": "live", "stream": "news", "start": NOON + 600, "end": NOON + 1200,
        "sources": [mask_source(source) for source in RELAY["SrcAddrS"]], "permanent": False,
        "applied": True, "code": "", "status": 200, "fault": "",
    }  # fmt: skip


def test_the_log_of_a_throttled_request_still_names_its_slot() -> None:
    account = Account(quota=1)
    account.create()
    account.create(Stream="other")
    last = account.admin("log")["lines"][-1]
    assert (last["code"], last["stream"], last["applied"]) == ("FlowLimitExceeded", "other", False)


def test_the_log_shows_what_was_sent_however_odd(account: Account) -> None:
    account.create(Stream="20261124", StartTime="soon", EndTime=[1])
    (line,) = account.admin("log")["lines"]
    assert (line["stream"], line["start"], line["end"]) == ("20261124", "soon", "[1]")


def test_the_log_holds_no_stream_key(tmp_path: Path) -> None:
    account = Account(log=tmp_path / "log.jsonl")
    account.create()
    account.create(App="rtmp://a.example.com/live/canarykey")
    account.post("CreateRelaySourceV4", content=b'{"SrcAddrS": "rtmp://a/live/canarykey"}', json=None)
    assert "canarykey" not in (tmp_path / "log.jsonl").read_text()


def test_the_log_can_be_read_from_a_time_on(account: Account) -> None:
    account.create()
    account.now += 10
    account.rows()
    lines = account.admin("log", params={"since": NOON + 1})["lines"]
    assert [line["action"] for line in lines] == ["ListRelaySourceV4"]


def test_what_the_admin_did_is_in_the_log(account: Account) -> None:
    account.admin("relays", "POST", json=RELAY)
    assert account.admin("log")["lines"] == [{"kind": "admin", "at": NOON, "act": "plant"}]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("relays", {}), ("sources", {"Alive": 3}), ("faults", {"Faults": ["nonsense"]}),
        ("faults", {"Faults": "504"}), ("clock", {"Skew": "soon"}), ("streams", {"Domain": "d.example.com"}),
    ],
)  # fmt: skip
def test_an_act_that_makes_no_sense_says_why(account: Account, path: str, body: dict[str, object]) -> None:
    answer = account.http.post(f"/_emulator/{path}", json=body, auth=None)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("client", "url", "status"),
    [
        ("127.0.0.1", "http://127.0.0.1", 200), ("::1", "http://[::1]", 200),
        ("127.0.0.1", "http://localhost", 200), ("10.0.0.9", "http://127.0.0.1", 403),
        ("127.0.0.1", "http://rebound.example.com", 403),
    ],
)  # fmt: skip
def test_only_this_machine_may_look_behind_the_scenes(client: str, url: str, status: int) -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(create_app(), client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url=url) as http:
            return (await http.get("/_emulator/state")).status_code

    assert asyncio.run(ask()) == status


def test_the_api_is_not_shadowed_by_what_looks_like_the_admins(account: Account) -> None:
    assert account.http.get("/_emulator/nothing", auth=None).status_code == 404
