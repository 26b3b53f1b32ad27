"""What the emulator does with relays, seen through its API alone."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.contract.account import NOON, RELAY, SLOT, Account

SECOND = {"StartTime": NOON + 3600, "EndTime": NOON + 7200}
PAGE = {"PageNum": 1, "PageSize": 100}


def starts(account: Account) -> list[int]:
    return [row["StartTime"] for row in account.rows()]


@pytest.mark.parametrize(
    ("duplicate", "code", "left"),
    [
        ("refuse", "InvalidParam", [NOON + 600]),
        ("overwrite", "", [NOON + 3600]),
        ("append", "", [NOON + 600, NOON + 3600]),
    ],
)
def test_a_second_create_on_a_slot_is_refused_overwrites_or_joins(
    duplicate: str, code: str, left: list[int]
) -> None:
    account = Account(duplicate=duplicate)
    first, second = account.create(), account.create(**SECOND)
    assert (second.code, starts(account)) == (code, left)
    assert first.result["TaskId"] != second.result.get("TaskId")


def test_domains_of_one_vhost_share_their_slots() -> None:
    account = Account(domains={"pull.example.com": "v.example.com", "two.example.com": "v.example.com"})
    account.create()
    assert account.create(Domain="two.example.com").code == "InvalidParam"
    assert account.post("ListRelaySourceV4", {"Domain": "two.example.com"}).result["List"] == []
    assert len(account.post("ListRelaySourceV4", {"Vhost": "v.example.com"}).result["List"]) == 1


def test_a_row_says_what_was_sent_and_both_names_and_no_task_id() -> None:
    account = Account()
    account.create(StartTime=str(NOON + 600))
    assert account.rows() == [RELAY | {"Vhost": "pull.example.com"}]


def test_the_list_writes_times_as_text_if_told() -> None:
    account = Account(times_as_text=True)
    account.create()
    assert starts(account) == [str(NOON + 600)]


def test_a_permanent_row_has_no_times() -> None:
    account = Account()
    account.create(StartTime=None, EndTime=None)
    assert not account.rows()[0].keys() & {"StartTime", "EndTime"}


def test_an_update_that_leaves_the_times_out_makes_the_relay_permanent_and_is_flagged() -> None:
    account = Account()
    account.create()
    account.update(StartTime=None, EndTime=None)
    assert "StartTime" not in account.rows()[0]
    assert account.admin("stats")["made_permanent"] == 1
    assert account.admin("log")["lines"][1]["permanent"] is True


def test_an_update_changes_sources_and_times_and_keeps_the_task() -> None:
    account = Account()
    task = account.create().result["TaskId"]
    account.update(SrcAddrS=["rtmp://c/d"], **SECOND)
    (config,) = account.admin("state")["configs"]
    assert (config["task_id"], config["sources"], config["start"]) == (task, ["rtmp://c/d"], NOON + 3600)


def test_an_ended_relay_stays_listed_and_keeps_its_slot() -> None:
    account = Account()
    account.create()
    account.now += 10_000
    assert (starts(account), account.create(**SECOND).code) == ([NOON + 600], "InvalidParam")


def test_an_ended_relay_is_dropped_if_relays_expire() -> None:
    account = Account(expire=True)
    account.create()
    account.now += 1200
    assert (starts(account), account.create(**SECOND).code) == ([], "")


def test_a_deleted_slot_is_free() -> None:
    account = Account()
    account.create()
    assert (account.delete().code, account.rows(), account.create().code) == ("", [], "")


def test_pages_follow_one_another_in_the_order_of_creation() -> None:
    account = Account()
    for n in range(5):
        account.create(Stream=f"s{n}")
    pages = [
        account.post("ListRelaySourceV4", {"Domain": "pull.example.com", "Page": n, "Size": 2}).result
        for n in (1, 2, 3, 4)
    ]
    listed = [row["Stream"] for row in itertools.chain.from_iterable(page["List"] for page in pages)]
    assert listed == ["s0", "s1", "s2", "s3", "s4"]
    assert pages[2]["Pagination"] == {"PageCur": 3, "PageSize": 2, "PageTotal": 3, "TotalCount": 5}


def test_a_page_has_twenty_rows_unless_told() -> None:
    account = Account()
    for n in range(21):
        account.create(Stream=f"s{n}")
    assert len(account.rows()) == 20


def test_the_list_can_lag_behind() -> None:
    account = Account(list_lag=3.0)
    account.create()
    assert account.rows() == []
    account.now += 3
    assert len(account.rows()) == 1


def test_a_lagging_effect_is_judged_when_it_comes() -> None:
    account = Account(effect_lag=3.0)
    assert (account.create().code, account.create(**SECOND).code, account.rows()) == ("", "", [])
    account.now += 3
    assert starts(account) == [NOON + 600]
    effects = [line for line in account.admin("log")["lines"] if line["kind"] == "effect"]
    assert [(line["applied"], line["code"]) for line in effects] == [(True, ""), (False, "InvalidParam")]


def test_a_lagging_effect_shows_as_late_in_the_log() -> None:
    account = Account(effect_lag=3.0)
    account.create()
    assert account.admin("log")["lines"][0]["applied"] == "late"
    assert account.admin("state")["late"][0]["due"] == NOON + 3


@pytest.mark.parametrize(
    ("after", "state"), [(599, "offline"), (600, "online"), (1199, "online"), (1200, "offline")]
)
def test_a_stream_is_online_within_its_window(after: int, state: str) -> None:
    account = Account()
    account.create()
    account.now += after
    assert account.state() == state


@pytest.mark.parametrize(("after", "state"), [(179, "offline"), (180, "online")])
def test_a_relay_needs_to_settle(after: int, state: str) -> None:
    account = Account(settle=180.0)
    account.create(StartTime=NOON - 60)
    account.now += after
    assert account.state() == state


def test_a_stream_that_no_relay_ever_fed_is_offline_and_pushed() -> None:
    assert Account().get("DescribeLiveStreamState", **SLOT).result == {
        "stream_state": "offline",
        "type": "push",
    }


def test_a_state_may_be_asked_by_vhost_or_by_both_as_the_sample_does() -> None:
    account = Account()
    account.create(StartTime=NOON - 60)
    both = SLOT | {"Vhost": "pull.example.com"}
    assert account.get("DescribeLiveStreamState", **both).result == {"stream_state": "online", "type": "pull"}


def test_live_streams_are_listed_with_the_start_of_their_session() -> None:
    account = Account()
    account.create(StartTime=NOON - 60)
    account.create(Stream="later")
    account.now += 5
    found = account.get("DescribeLiveStreamInfoByPage", **PAGE, SourceType="relay").result
    assert found == {
        "RoughCount": 1,
        "StreamInfoList": [
            {"App": "live", "Stream": "news", "ID": 1,
             "Domain": "pull.example.com", "Vhost": "pull.example.com",
             "SessionStartTime": "2026-11-22T12:00:00.000Z", "SourceType": "relay"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 2), ({"Stream": "news"}, 1), ({"Stream": "new"}, 0),
        ({"Stream": "new", "QueryType": "fuzzy"}, 1), ({"App": "other"}, 0), ({"SourceType": "push"}, 0),
        ({"StreamType": "trans"}, 0), ({"Domain": "pull.example.com"}, 2),
        ({"Domain": "else.example.com"}, 0),
    ],
)  # fmt: skip
def test_live_streams_can_be_filtered(filters: dict[str, str], count: int) -> None:
    account = Account()
    account.create(StartTime=NOON - 60)
    account.create(Stream="sport", StartTime=NOON - 60)
    assert account.get("DescribeLiveStreamInfoByPage", **PAGE, **filters).result["RoughCount"] == count


@pytest.mark.parametrize(("sort", "streams"), [("asc", ["a", "b"]), ("desc", ["b", "a"])])
def test_ended_sessions_are_found_by_their_end(sort: str, streams: list[str]) -> None:
    account = Account()
    for stream, end in ("b", 900), ("a", 800), ("c", 2000):
        account.create(Stream=stream, EndTime=NOON + end)
    account.now += 1000
    span = {"EndTimeFrom": "2026-11-22T12:10:00Z", "EndTimeTo": "2026-11-22T12:15:00Z"}
    found = account.get("DescribeClosedStreamInfoByPage", **PAGE, **span, Sort=sort).result
    assert [row["Stream"] for row in found["StreamInfoList"]] == streams
    assert found["StreamInfoList"][streams.index("b")]["EndTime"] == "2026-11-22T12:15:00Z"


def test_metrics_are_zero_while_it_is_dark() -> None:
    account = Account()
    account.create(StartTime=NOON + 60)
    account.now += 125
    span = {"StartTime": "2026-11-22T20:00:00+08:00", "EndTime": "2026-11-22T13:00:00Z"}
    found = account.post("DescribeLiveSourceStreamMetrics", SLOT | span).result
    rates = [(sample["TimeStamp"], sample["Bitrate"] > 0) for sample in found["MetricList"]]
    assert rates == [
        ("2026-11-22T12:00:00Z", False), ("2026-11-22T12:00:30Z", False), ("2026-11-22T12:01:00Z", True),
        ("2026-11-22T12:01:30Z", True), ("2026-11-22T12:02:00Z", True),
    ]  # fmt: skip


def test_domains_tell_their_vhosts() -> None:
    account = Account(domains={"a.example.com": "v.example.com", "b.example.com": "b.example.com"})
    found = account.post("ListDomainDetail", {"PageNum": 1, "PageSize": 10, "VhostList": ["v.example.com"]})
    assert [(row["Domain"], row["Vhost"], row["Status"]) for row in found.result["DomainList"]] == [
        ("a.example.com", "v.example.com", 0)
    ]


def v3(account: Account, act: str, **fields: Any) -> Any:
    return account.post(f"{act}RelaySourceV3", {"Vhost": "pull.example.com", "App": "live"} | fields)


GROUP = {"Group": "g", "Servers": [{"RelaySourceDomain": "o.example.com", "RelaySourceProtocol": "rtmp"}]}


def test_an_app_is_play_triggered_or_fixed_but_not_both() -> None:
    account = Account()
    assert v3(account, "Update", GroupDetails=[GROUP]).code == ""
    assert account.create().code == "InvalidParam"
    assert account.create(App="other").code == ""
    assert v3(account, "Update", App="other", GroupDetails=[GROUP]).code == "InvalidParam"


def test_a_play_triggered_app_is_free_once_its_last_group_is_gone() -> None:
    account = Account()
    v3(account, "Update", GroupDetails=[GROUP, GROUP | {"Group": "h"}])
    v3(account, "Delete", Group="g")
    (config,) = v3(account, "Describe").result["RelaySourceConfigList"]
    assert [group["Group"] for group in config["GroupDetails"]] == ["h"]
    assert account.create().code == "InvalidParam"
    assert (v3(account, "Delete").code, account.create().code) == ("", "")
    assert v3(account, "Delete").code == "ResourceNotFound"


@pytest.mark.parametrize(("status", "code"), [(429, "FlowLimitExceeded"), (200, "AccountFlowLimitExceeded")])
def test_all_actions_share_one_quota(status: int, code: str) -> None:
    account = Account(quota=3, throttle_status=status)
    account.create(), account.state(), account.rows()
    said = account.delete()
    assert (said.status, said.code) == (status, code)
    account.now += 1
    assert account.delete().code == ""


def test_an_unsigned_request_uses_no_quota() -> None:
    account = Account(quota=1)
    account.http.post("/", params={"Action": "ListRelaySourceV4", "Version": "2023-01-01"}, auth=None)
    assert account.create().code == ""
