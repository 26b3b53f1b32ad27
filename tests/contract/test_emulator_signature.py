"""Who is let in, and with which code the others are turned away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.contract.account import RELAY, SLOT, Account
from worker.provider import signing
from worker.provider.emulator.options import DEMO_KEYS
from worker.provider.emulator.signature import Call, authenticate
from worker.settings import Credentials

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "sign.json").read_text(encoding="utf-8"))[
    "vectors"
]
LIVE = [vector for vector in VECTORS if vector["input"]["service"] == "live"]
X_DATE = "20261122T120000Z"
SCOPE = f"{X_DATE[:8]}/cn-north-1/live/request"
LIST = {"Action": "ListRelaySourceV4", "Version": "2023-01-01"}
BODY = json.dumps({"Domain": "pull.example.com"}).encode()


@pytest.fixture
def account() -> Account:
    return Account()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["ResponseMetadata"].get("Error", {}).get("Code", "")


def send(account: Account, headers: dict[str, str], body: bytes = BODY) -> tuple[int, str]:
    return code_of(account.http.post("/", params=LIST, content=body, headers=headers, auth=None))


def hand_signed(
    names: list[str], headers: dict[str, str], *, secret: str = DEMO_KEYS.secret_key
) -> dict[str, str]:
    """The headers of a request whose signer chose itself what to sign."""
    canonical = signing.canonical_request(
        "POST", "/", LIST.items(), headers, names, signing.body_digest(BODY)
    )
    proof = signing.signature(secret, SCOPE, signing.string_to_sign(headers["x-date"], SCOPE, canonical))
    said = f"Credential={DEMO_KEYS.access_key}/{SCOPE}, SignedHeaders={';'.join(names)}, Signature={proof}"
    return headers | {"authorization": f"HMAC-SHA256 {said}"}


GOOD = hand_signed(["x-date"], {"x-date": X_DATE})


@pytest.mark.parametrize("vector", LIVE, ids=lambda vector: f"{vector['id']}-{vector['tag']}")
def test_every_vector_of_the_official_sdk_is_let_in(vector: dict[str, Any]) -> None:
    given, headers = vector["input"], vector["input"]["headers"] | vector["expected"]
    query = urlencode([tuple(pair) for pair in given["query"]]).encode()
    named = {name.lower(): value for name, value in headers.items()} | {"host": given["host"]}
    call = Call(0, given["method"], given["path"], query, named, given["body"].encode())
    keys = Credentials(given["access_key"], given["secret_key"], given["session_token"])
    moment = datetime.strptime(given["x_date"], signing.DATE_FORMAT).replace(tzinfo=UTC).timestamp()
    assert authenticate(call, keys, moment) == given["region"]


def test_a_space_sent_as_a_plus_and_signed_as_an_escape_is_let_in(account: Account) -> None:
    account.http.event_hooks["request"] = [_write_pluses]
    assert account.get("DescribeLiveStreamInfoByPage", PageNum=1, PageSize=1, Stream="a b").code == ""


def _write_pluses(request: httpx.Request) -> None:
    assert b"%20" in request.url.raw_path
    request.url = request.url.copy_with(raw_path=request.url.raw_path.replace(b"%20", b"+"))


def test_a_signer_that_signs_neither_host_nor_content_type_is_let_in(account: Account) -> None:
    """As the official Node SDK does."""
    digest = {"x-content-sha256": signing.body_digest(BODY), "x-date": X_DATE}
    headers = hand_signed(["x-content-sha256", "x-date"], digest)
    assert send(account, headers | {"content-type": "application/json; charset=utf-8"}) == (200, "")


def changed(**parts: str) -> dict[str, str]:
    header = GOOD["authorization"]
    for old, new in parts.items():
        header = header.replace(old, new)
    return GOOD | {"authorization": header}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (401, "MissingAuthenticationToken")),
        ({"x-date": X_DATE}, (401, "MissingAuthenticationToken")),
        ({"authorization": GOOD["authorization"]}, (400, "MissingRequestInfo")),
        (GOOD | {"authorization": "Basic Zm9vOmJhcg=="}, (400, "InvalidAuthorization")),
        (GOOD | {"authorization": "HMAC-SHA256 SignedHeaders=x-date"}, (400, "InvalidAuthorization")),
        (
            GOOD | {"authorization": GOOD["authorization"].partition(", Signature")[0]},
            (401, "MissingSignature"),
        ),
        (changed(HMAC="hmac"), (400, "InvalidAuthorization")),
        (changed(request="aws4_request"), (400, "InvalidCredential")),
        (changed(live="vod"), (400, "InvalidCredential")),
        (GOOD | {"x-date": "20261121T120000Z"}, (400, "InvalidCredential")),
        (GOOD | {"x-date": "20261122T120000+0800"}, (400, "InvalidTimestamp")),
        (changed(AKLT="AKLX"), (401, "InvalidAccessKey")),
        (hand_signed(["x-date"], {"x-date": X_DATE}, secret="another"), (401, "SignatureDoesNotMatch")),
        (GOOD | {"x-content-sha256": "0" * 64}, (401, "SignatureDoesNotMatch")),
        (changed(SignedHeaders="SignedHeaders=x-not-there;ignored"), (401, "SignatureDoesNotMatch")),
        (GOOD | {"x-security-token": "stray"}, (401, "InvalidSecretToken")),
        (GOOD, (200, "")),
    ],
)
def test_a_request_is_let_in_or_told_what_it_lacks(
    account: Account, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert send(account, headers) == expected


def test_a_signature_proves_its_body(account: Account) -> None:
    assert send(account, GOOD, BODY + b" ") == (401, "SignatureDoesNotMatch")


def test_a_signature_proves_its_query(account: Account) -> None:
    answer = account.http.post("/", params=LIST | {"Extra": "1"}, content=BODY, headers=GOOD, auth=None)
    assert code_of(answer) == (401, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("age", "code"), [(0, ""), (900, ""), (901, "InvalidTimestamp"), (-1, "InvalidTimestamp")]
)
def test_a_signature_is_good_for_fifteen_minutes_and_not_before_its_time(
    account: Account, age: int, code: str
) -> None:
    account.now += age
    assert send(account, GOOD)[1] == code


@pytest.mark.parametrize("skew", [-120, 120])
def test_a_skewed_provider_judges_by_its_own_clock_and_says_what_it_is(account: Account, skew: int) -> None:
    account.admin("clock", "POST", json={"Skew": skew})
    answer = account.http.post("/", params=LIST, content=BODY, headers=GOOD, auth=None)
    assert code_of(answer)[1] == ("InvalidTimestamp" if skew < 0 else "")
    assert answer.headers["Date"] == f"Sun, 22 Nov 2026 {'12:02:00' if skew > 0 else '11:58:00'} GMT"


def test_any_region_will_do_and_is_repeated(account: Account) -> None:
    auth = signing.VolcAuth(
        DEMO_KEYS.access_key, DEMO_KEYS.secret_key, region="ap-singapore-1", now=account.clock
    )
    answer = account.http.post("/", params=LIST, content=BODY, auth=auth)
    assert answer.json()["ResponseMetadata"]["Region"] == "ap-singapore-1"


def test_temporary_keys_need_their_token() -> None:
    account = Account(keys=Credentials("AK", "SK", "token"))
    assert account.create().code == ""
    without = signing.VolcAuth("AK", "SK", now=account.clock)
    answer = account.http.post("/", params=LIST, content=BODY, auth=without)
    assert code_of(answer) == (401, "InvalidSecretToken")


STATE = {"Action": "DescribeLiveStreamState", "Version": "2023-01-01", **SLOT}


def query_signed(**changes: str) -> dict[str, str]:
    """A query as the official signer's ``sign_url`` makes it: no headers, no body, all names listed."""
    query = STATE | {
        "X-Algorithm": "HMAC-SHA256", "X-Credential": f"{DEMO_KEYS.access_key}/{SCOPE}", "X-Date": X_DATE,
        "X-NotSignBody": "", "X-SignedHeaders": "", "X-SignedQueries": "",
    } | changes  # fmt: skip
    query["X-SignedQueries"] = ";".join(sorted(query))
    canonical = f"GET\n/\n{signing.canonical_query(query.items())}\n\n\n\n{signing.body_digest(b'')}"
    text = signing.string_to_sign(query["X-Date"], SCOPE, canonical)
    return query | {"X-Signature": signing.signature(DEMO_KEYS.secret_key, SCOPE, text)}


@pytest.mark.parametrize(
    ("changes", "age", "code"),
    [
        ({}, 0, ""), ({}, 901, "InvalidTimestamp"), ({"X-Expires": "1800"}, 1800, ""),
        ({"X-Expires": "60"}, 61, "InvalidTimestamp"), ({"X-Expires": "soon"}, 0, "InvalidAuthorization"),
        ({"X-Algorithm": "MD5"}, 0, "InvalidAuthorization"), ({"X-Date": ""}, 0, "MissingRequestInfo"),
    ],
)  # fmt: skip
def test_a_get_may_be_signed_in_its_query(
    account: Account, changes: dict[str, str], age: int, code: str
) -> None:
    account.now += age
    answer = account.http.get("/", params=query_signed(**changes), auth=None)
    assert code_of(answer)[1] == code


def test_a_signature_in_the_query_proves_the_query(account: Account) -> None:
    answer = account.http.get("/", params=query_signed() | {"Stream": "other"}, auth=None)
    assert code_of(answer) == (401, "SignatureDoesNotMatch")


def test_a_post_may_not_be_signed_in_its_query(account: Account) -> None:
    answer = account.http.post("/", params=query_signed() | LIST, json=RELAY, auth=None)
    assert code_of(answer) == (400, "InvalidAuthorization")


def test_who_is_turned_away_changes_nothing(account: Account) -> None:
    account.http.post("/", params=LIST | {"Action": "CreateRelaySourceV4"}, json=RELAY, auth=None)
    assert account.rows() == []
    assert account.admin("log")["lines"][0]["code"] == "MissingAuthenticationToken"


def test_keys_show_in_no_repr(account: Account) -> None:
    options = replace(account.app.state.gateway.options, keys=Credentials("AKcanary", "SKcanary"))
    assert "canary" not in repr(options)
