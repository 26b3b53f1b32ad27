"""The signature, against vectors of the official SDK and against the SDK itself."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import warnings
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.provider import signing
from worker.provider.signing import VolcAuth
from worker.settings import Credentials

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the official SDK's, which are not ours to mend
    from volcengine.auth.SignerV4 import SignerV4
    from volcengine.base.Request import Request as OfficialRequest
    from volcengine.Credentials import Credentials as OfficialCredentials

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "sign.json").read_text(encoding="utf-8"))[
    "vectors"
]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = ("AKLTcanaryaccess", "canarysecret==")


def signed(auth: VolcAuth, request: httpx.Request) -> httpx.Request:
    return next(auth.sync_auth_flow(request))


def post(url: str = "https://live.volcengineapi.com/", **how: Any) -> httpx.Request:
    return signed(VolcAuth(*KEYS, now=lambda: NOON), httpx.Request("POST", url, **how))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']}-{vector['tag']}")
def test_every_vector_of_the_official_sdk_is_met(vector: dict[str, Any]) -> None:
    given, expected = vector["input"], vector["expected"]
    moment = datetime.strptime(given["x_date"], signing.DATE_FORMAT).replace(tzinfo=UTC)
    keys = (given["access_key"], given["secret_key"], given["session_token"])
    auth = VolcAuth(*keys, given["region"], given["service"], now=lambda: moment)
    url = f"https://{given['host']}{given['path']}"
    content = given["body"].encode()
    request = httpx.Request(
        given["method"], url, params=given["query"], headers=given["headers"], content=content
    )
    headers = signed(auth, request).headers
    names = expected.keys() - {"SignedHeaders", "Signature"}
    assert {name: headers[name] for name in names} == {name: expected[name] for name in names}


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
header_values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


requests = st.fixed_dictionaries(
    {
        "query": st.dictionaries(texts.filter(bool), texts, max_size=4),
        "body": st.binary(max_size=64),
        "path": texts.map(lambda text: "/" + text).filter(lambda path: not {".", ".."} & {*path.split("/")}),
        "headers": st.fixed_dictionaries(
            {
                "Host": st.sampled_from(
                    ["live.volcengineapi.com", "127.0.0.1:8080", "h.example:443", "h.example:80"]
                )
            },
            optional={
                "Content-Type": st.sampled_from(["application/json", "text/plain; charset=utf-8"]),
                "Content-Md5": header_values,
                "X-Expires": header_values,
                "X-Zeta": header_values,
                "Accept": header_values,
            },
        ),
    }
)


@given(given=requests, token=st.just("") | header_values)
def test_any_request_is_signed_as_the_official_signer_signs_it(given: dict[str, Any], token: str) -> None:
    query, body, headers = given["query"], given["body"], given["headers"]
    url = httpx.URL("https://h.example").copy_with(raw_path=quote(given["path"]).encode())
    ours = httpx.Request("POST", url, params=query, headers=headers, content=body)
    signed(VolcAuth(*KEYS, token, now=NOON), ours)
    assert ours.headers["Authorization"] == official_authorization(given, token)


def official_authorization(given: dict[str, Any], token: str) -> str:
    request = OfficialRequest()
    request.method, request.path, request.query = "POST", given["path"], given["query"]
    request.headers, request.body = dict(given["headers"]), given["body"]
    with patch.object(SignerV4, "get_current_format_date", staticmethod(lambda: "20261122T120000Z")):
        SignerV4.sign(request, OfficialCredentials(*KEYS, "live", "cn-north-1", token))
    authorization: str = request.headers["Authorization"]
    return authorization


def test_what_is_sent_is_what_was_signed() -> None:
    request = post("https://h.example/a%2Fb/(c)?z=1+2&a=~*%E7%9B%B4&flag")
    assert request.url.raw_path == b"/a%2Fb/%28c%29?a=~%2A%E7%9B%B4&flag=&z=1%202"


def test_a_query_that_is_not_utf8_is_signed_as_the_bytes_it_is() -> None:
    assert post("https://h.example/?a=%FF").url.raw_path == b"/?a=%FF"


def test_equal_names_keep_their_order() -> None:
    assert signing.canonical_query([("b", "2"), ("a", "9"), ("a", "1")]) == "a=9&a=1&b=2"


@pytest.mark.parametrize("port", ["80", "443"])
def test_a_default_port_is_not_signed(port: str) -> None:
    with_port, without = (post(headers={"Host": host}) for host in (f"h.example:{port}", "h.example"))
    assert with_port.headers["Authorization"] == without.headers["Authorization"]


def test_any_other_port_is_signed() -> None:
    with_port, without = (post(headers={"Host": host}) for host in ("h.example:8080", "h.example"))
    assert with_port.headers["Authorization"] != without.headers["Authorization"]


def test_the_host_keeps_the_case_it_was_given_in() -> None:
    upper, lower = (post(headers={"Host": host}) for host in ("H.Example", "h.example"))
    assert upper.headers["Host"] == "H.Example"
    assert upper.headers["Authorization"] != lower.headers["Authorization"]


def test_accept_and_user_agent_are_not_signed() -> None:
    with_both = post(headers={"Accept": "application/json", "User-Agent": "x"})
    assert with_both.headers["Authorization"] == post().headers["Authorization"]


def test_a_get_is_given_no_content_type() -> None:
    request = signed(VolcAuth(*KEYS, now=NOON), httpx.Request("GET", "https://h.example/?Action=A"))
    assert "Content-Type" not in request.headers
    assert "SignedHeaders=host;x-content-sha256;x-date," in request.headers["Authorization"]


def test_a_streamed_body_is_read_before_it_is_signed() -> None:
    request = post(content=iter([b"a", b"b"]))
    assert request.headers["X-Content-Sha256"] == hashlib.sha256(b"ab").hexdigest()


def test_the_time_is_sent_in_utc_whatever_zone_it_is_given_in() -> None:
    beijing = NOON.astimezone(timezone(timedelta(hours=8)))
    assert signed(VolcAuth(*KEYS, now=beijing), httpx.Request("POST", "https://h/")).headers["X-Date"] == (
        "20261122T120000Z"
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        signed(VolcAuth(*KEYS, now=NOON.replace(tzinfo=None)), httpx.Request("POST", "https://h/"))


def test_without_a_time_the_clock_is_read_for_each_request() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    request = signed(VolcAuth(*KEYS), httpx.Request("POST", "https://h/"))
    sent = datetime.strptime(request.headers["X-Date"], signing.DATE_FORMAT).replace(tzinfo=UTC)
    assert before <= sent <= datetime.now(UTC)


def test_a_server_can_verify_with_only_the_headers_that_were_signed() -> None:
    """As the official Node SDK signs: neither Host nor Content-Type."""
    digest = signing.body_digest(b"{}")
    headers = {"x-content-sha256": digest, "x-date": "20261122T120000Z", "host": "anything"}
    canonical = signing.canonical_request("POST", "", [], headers, ["x-content-sha256", "x-date"], digest)
    assert canonical == (
        f"POST\n/\n\nx-content-sha256:{digest}\nx-date:20261122T120000Z\n\nx-content-sha256;x-date\n{digest}"
    )


def test_a_signed_header_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match="x-date"):
        signing.canonical_request("POST", "/", [], {}, ["x-date"], "")


def test_keys_show_in_no_representation() -> None:
    auth = VolcAuth(*KEYS, "canarytoken")
    shown = f"{auth!r} {auth} {vars(auth)} {SimpleNamespace(auth=auth)}"
    assert "canary" not in shown


@pytest.mark.parametrize("holder", [VolcAuth(*KEYS), Credentials(*KEYS)], ids=["auth", "credentials"])
@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_what_holds_keys_cannot_be_pickled_or_copied(holder: object, take: Any) -> None:
    with pytest.raises(TypeError, match="keys"):
        take(holder)
