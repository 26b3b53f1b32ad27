"""Every documented limit of the API, and the code of every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.account import NOON, RELAY, SLOT, Account
from worker.provider.emulator.actions import ACTIONS

CREATE = "CreateRelaySourceV4"
WEEK = 604_800


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.mark.parametrize(
    "fields",
    [
        {"App": "a"}, {"App": "A-z_0.9" * 4 + "xx"}, {"Stream": "s"}, {"Stream": "x" * 100},
        {"SrcAddrS": ["rtmp://a/b"] * 10}, {"SrcAddrS": ["rtmps://a.example.com:1936/live/x?k=v"]},
        {"SrcAddrS": ["https://10.0.0.1:8080/live/x.flv"]}, {"SrcAddrS": ["http://[::1]/x.m3u8"]},
        {"EndTime": NOON + 600 + WEEK}, {"EndTime": NOON + 601},
        {"StartTime": str(NOON), "EndTime": str(NOON + 60)}, {"StartTime": 1, "EndTime": 2},
        {"StartTime": None, "EndTime": None}, {"Vhost": "pull.example.com"},
        {"Domain": None, "Vhost": "pull.example.com"},
    ],
)  # fmt: skip
def test_what_lies_within_the_limits_is_taken(account: Account, fields: dict[str, Any]) -> None:
    said = account.create(**fields)
    assert (said.status, said.code) == (200, "")
    assert said.result["TaskId"].isdecimal()


@pytest.mark.parametrize("action", [CREATE, "UpdateRelaySourceV4"])
@pytest.mark.parametrize(
    "fields",
    [
        {"App": ""}, {"App": None}, {"App": "a" * 31}, {"App": "a b"}, {"App": "ä"}, {"App": "live\n"},
        {"Stream": None}, {"Stream": "s" * 101}, {"Stream": "a/b"}, {"Stream": "新闻"},
        {"Domain": None}, {"Domain": "pull example"}, {"Vhost": "-x-"},
        {"SrcAddrS": None}, {"SrcAddrS": []}, {"SrcAddrS": ["rtmp://a/b"] * 11}, {"SrcAddrS": ["file:///x"]},
        {"SrcAddrS": ["rtmp://"]}, {"SrcAddrS": ["a.example.com/live"]}, {"SrcAddrS": ["rtmp://a/b c"]},
        {"SrcAddrS": ["rtmp://a:99999/b"]}, {"SrcAddrS": ["rtmp://[::1/b"]},
        {"StartTime": None}, {"EndTime": None}, {"EndTime": NOON + 600}, {"EndTime": NOON},
        {"EndTime": NOON + 601 + WEEK}, {"StartTime": 0}, {"StartTime": -5},
    ],
)  # fmt: skip
def test_a_value_beyond_a_limit_is_an_invalid_param(
    account: Account, action: str, fields: dict[str, Any]
) -> None:
    said = account.post(action, RELAY | fields)
    assert (said.status, said.code, account.rows()) == (400, "InvalidParam", [])


@pytest.mark.parametrize(
    "fields",
    [
        {"App": 1}, {"Stream": ["news"]}, {"Domain": {"a": 1}}, {"SrcAddrS": "rtmp://a/b"}, {"SrcAddrS": [1]},
        {"StartTime": 1.5}, {"StartTime": True}, {"StartTime": ""}, {"StartTime": "soon"},
        {"EndTime": 10**18}, {"EndTime": [1]},
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_a_bind_error(account: Account, fields: dict[str, Any]) -> None:
    said = account.create(**fields)
    assert (said.status, said.code) == (400, "InvalidParam.BindError")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b"\xff", b"null", b'{"StartTime": NaN}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_a_bind_error(account: Account, body: bytes) -> None:
    said = account.post(CREATE, content=body, json=None)
    assert (said.status, said.code) == (400, "InvalidParam" if b"NaN" in body else "InvalidParam.BindError")


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"Page": 0}, "InvalidParam.OutOfRange"), ({"Size": 501}, "InvalidParam.OutOfRange"),
     ({"Size": 0}, "InvalidParam.OutOfRange"), ({"Size": "many"}, "InvalidParam.BindError")],
)  # fmt: skip
def test_pages_have_limits(account: Account, fields: dict[str, Any], code: str) -> None:
    assert account.post("ListRelaySourceV4", {"Domain": "pull.example.com"} | fields).code == code


def test_list_needs_a_domain(account: Account) -> None:
    assert account.post("ListRelaySourceV4", {"App": "live"}).code == "InvalidParam"


@pytest.mark.parametrize(
    "action", [CREATE, "UpdateRelaySourceV4", "DeleteRelaySourceV4", "ListRelaySourceV4"]
)
def test_a_domain_of_somebody_else_is_forbidden(action: str) -> None:
    said = Account(domains={"mine.example.com": "mine.example.com"}).post(action, RELAY)
    assert (said.status, said.code) == (403, "RequestForbidden")


def test_a_vhost_that_is_not_the_domains_is_forbidden() -> None:
    account = Account(
        domains={"pull.example.com": "vhost.example.com", "other.example.com": "other.example.com"}
    )
    assert account.create(Vhost="other.example.com").code == "RequestForbidden"
    assert account.create(Vhost="vhost.example.com").code == ""


@pytest.mark.parametrize("action", ["UpdateRelaySourceV4", "DeleteRelaySourceV4"])
def test_a_config_that_is_not_there_is_not_found(account: Account, action: str) -> None:
    said = account.post(action, RELAY)
    assert (said.status, said.code) == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"Action": "MakeTea", "Version": "2023-01-01"}, 404, "InvalidActionOrVersion"),
        ({"Action": CREATE, "Version": "2020-08-01"}, 404, "InvalidActionOrVersion"),
        ({"Action": CREATE}, 400, "MissingParameter"),
        ({"Version": "2023-01-01"}, 400, "MissingParameter"),
    ],
)  # fmt: skip
def test_an_action_is_named_with_its_version(
    account: Account, query: dict[str, str], status: int, code: str
) -> None:
    answer = account.http.post("/", params=query, json={})
    assert (answer.status_code, answer.json()["ResponseMetadata"]["Error"]["Code"]) == (status, code)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_called_with_its_own_method(account: Account, action: str) -> None:
    said = account.get(action) if ACTIONS[action].method == "POST" else account.post(action)
    assert (said.status, said.code) == (405, "MethodNotAllowed")


def test_another_path_is_no_action(account: Account) -> None:
    answer = account.http.post("/v1", params={"Action": CREATE, "Version": "2023-01-01"}, json=RELAY)
    assert answer.json()["ResponseMetadata"]["Error"]["Code"] == "InvalidActionOrVersion"


def test_an_answer_has_the_documented_envelope(account: Account) -> None:
    answer = account.http.post("/", params={"Action": CREATE, "Version": "2023-01-01"}, json=RELAY).json()
    request_id = answer["ResponseMetadata"].pop("RequestId")
    assert request_id.startswith("20261122120000")
    assert answer["ResponseMetadata"] == {
        "Action": CREATE, "Version": "2023-01-01", "Service": "live", "Region": "cn-north-1",
    }  # fmt: skip
    assert list(answer["Result"]) == ["TaskId"]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_update_and_delete_have_no_result(account: Account, act: str) -> None:
    account.create()
    action = f"{act.title()}RelaySourceV4"
    answer = account.http.post("/", params={"Action": action, "Version": "2023-01-01"}, json=RELAY)
    assert list(answer.json()) == ["ResponseMetadata"]


def test_the_gateways_errors_are_numbered_and_the_services_are_not(account: Account) -> None:
    gateway = account.http.get("/", params={"Action": CREATE, "Version": "2023-01-01"}).json()
    service = account.http.post("/", params={"Action": CREATE, "Version": "2023-01-01"}, json={}).json()
    assert gateway["ResponseMetadata"]["Error"]["CodeN"] == 100020
    assert "CodeN" not in service["ResponseMetadata"]["Error"]


@pytest.mark.parametrize(
    ("action", "query"),
    [
        ("DescribeLiveStreamState", {"App": "live", "Stream": "s"}),
        ("DescribeLiveStreamInfoByPage", {"PageNum": 1}),
        (
            "DescribeClosedStreamInfoByPage",
            {"PageNum": 1, "PageSize": 1, "EndTimeFrom": "noon", "EndTimeTo": "x"},
        ),
        (
            "DescribeClosedStreamInfoByPage",
            {"PageNum": 1, "PageSize": 1, "EndTimeFrom": "2026-11-22T12:00:00"},
        ),
    ],
)
def test_a_question_lacking_a_parameter_is_refused(
    account: Account, action: str, query: dict[str, Any]
) -> None:
    assert account.get(action, **query).code == "InvalidParam"


@pytest.mark.parametrize("groups", [None, [], [{"Servers": []}], [{"Group": 3}], "g"])
def test_play_triggered_groups_have_names(account: Account, groups: object) -> None:
    said = account.post("UpdateRelaySourceV3", {"Vhost": "pull.example.com", "GroupDetails": groups})
    assert said.code.startswith("InvalidParam")


def test_a_choice_is_one_of_those_there_are(account: Account) -> None:
    query = {"PageNum": 1, "PageSize": 1, "QueryType": "psychic"}
    assert account.get("DescribeLiveStreamInfoByPage", **query).code == "InvalidParam.OutOfRange"


@pytest.mark.parametrize(
    ("start", "end", "more", "code"),
    [
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z", {}, "InvalidParam"),
        ("2026-11-22T12:00:00Z", "2026-11-23T12:00:01Z", {}, "InvalidParam"),
        ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z", {"Aggregation": 60}, "InvalidParam.OutOfRange"),
        ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z", {"Aggregation": 30}, ""),
    ],
)
def test_metrics_cover_a_day_at_most(
    account: Account, start: str, end: str, more: dict[str, Any], code: str
) -> None:
    asked = SLOT | {"StartTime": start, "EndTime": end} | more
    assert account.post("DescribeLiveSourceStreamMetrics", asked).code == code


def test_text_that_no_client_should_send_is_answered_all_the_same(account: Account) -> None:
    answer = account.http.post(
        "/", params={"Action": "\udcff".encode(errors="surrogateescape"), "Version": "1"}
    )
    assert answer.json()["ResponseMetadata"]["Error"]["Code"] == "InvalidActionOrVersion"
