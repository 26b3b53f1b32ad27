"""What each answer becomes: the whole table of the documents, row by row."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import (
    ClockSkewed,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Throttled,
    Unavailable,
    Unreachable,
)
from worker.provider.classify import (
    HINTS,
    Reply,
    TooLong,
    clean,
    meaning_of,
    read_reply,
    task_id,
    transport_failure,
)

CREATE, LIST = "CreateRelaySourceV4", "ListRelaySourceV4"


def reply(status: int, document: Any) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


def refusal(status: int, code: str, message: str = "no") -> Reply:
    error = {"Code": code, "Message": message}
    return reply(status, {"ResponseMetadata": {"RequestId": "2026X", "Error": error}})


def error_of(answer: Reply, action: str = CREATE, hide: tuple[str, ...] = ()) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        read_reply(action, answer, hide)
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        # The actions' own tables.
        (200, "CommonErr", OutcomeUnknown),
        (400, "InvalidParam", Invalid),
        (400, "InvalidParam.BindError", Invalid),
        (400, "InvalidParam.OutOfRange", Invalid),
        (403, "RequestForbidden", Forbidden),
        (403, "RequestForbidden.AccountIDNotAllow", Forbidden),
        (403, "RequestForbidden.BillingStatus", Forbidden),
        (404, "ResourceNotFound", NotFound),
        (500, "InternalError", OutcomeUnknown),
        (502, "InternalServiceError", OutcomeUnknown),
        (502, "InternalServiceError.BadResponse", OutcomeUnknown),
        (504, "InternalServiceTimeout", OutcomeUnknown),
        # The codes that all of the platform's products share.
        (400, "MissingParameter", Invalid),
        (401, "MissingAuthenticationToken", Forbidden),
        (400, "MissingRequestInfo", Invalid),
        (401, "MissingSignature", Forbidden),
        (400, "InvalidTimestamp", ClockSkewed),
        (403, "InvalidTimestamp", ClockSkewed),
        (404, "ServiceNotFound", Invalid),
        (404, "InvalidActionOrVersion", Invalid),
        (401, "InvalidAccessKey", Forbidden),
        (401, "InvalidClientTokenId", Forbidden),
        (401, "SignatureDoesNotMatch", Forbidden),
        (403, "ServiceShouldCallSelfApi", Forbidden),
        (403, "LackPolicy", Forbidden),
        (403, "AccessDenied", Forbidden),
        (502, "FailToConnect", OutcomeUnknown),
        (429, "FlowLimitExceeded", Throttled),
        (503, "ServiceUnavailableTemp", Unavailable),
        (405, "MethodNotAllowed", Invalid),
        (429, "AccountFlowLimitExceeded", Throttled),
        (400, "InvalidAuthorization", Forbidden),
        (400, "InvalidCredential", Forbidden),
        (401, "InvalidSecretToken", Forbidden),
        (401, "LackProjectPolicy", Forbidden),
        (403, "LackProjectPolicy", Forbidden),
        (500, "UndefinedError", OutcomeUnknown),
        # Words that only other products use, taken in case.
        (400, "RequestExpired", ClockSkewed),
        (400, "Throttling", Throttled),
        (400, "ThrottlingException", Throttled),
        (429, "RequestLimitExceeded", Throttled),
        (429, "RequestThrottled", Throttled),
        (429, "TooManyRequestsException", Throttled),
        (404, "ServiceUnavailable", Unavailable),
        # The code decides, whatever the status.
        (200, "FlowLimitExceeded", Throttled),
        (200, "AccountFlowLimitExceeded", Throttled),
        (200, "InvalidParam", Invalid),
        (400, "CommonErr", OutcomeUnknown),
        (500, "ResourceNotFound", NotFound),
        # A dotted code is known by its parent.
        (400, "InvalidParam.SomethingNew", Invalid),
        (400, "InvalidParam.BindError.Deeper", Invalid),
        (200, "CommonErr.Sub", OutcomeUnknown),
        (403, "FlowLimitExceeded.PerAction", Throttled),
        # An unknown code leaves it to the status.
        (200, "Novelty", OutcomeUnknown),
        (400, "Novelty", Invalid),
        (401, "Novelty", Forbidden),
        (403, "Novelty", Forbidden),
        (404, "Novelty", NotFound),
        (408, "Novelty", OutcomeUnknown),
        (409, "Novelty", Invalid),
        (429, "Novelty", Throttled),
        (500, "Novelty", OutcomeUnknown),
        (502, "Novelty", OutcomeUnknown),
        (503, "Novelty", Unavailable),
        (504, "Novelty", OutcomeUnknown),
        (302, "Novelty", OutcomeUnknown),
        (400, "", Invalid),
    ],
)
def test_code_first_then_status(status: int, code: str, expected: type[ProviderError]) -> None:
    error = error_of(refusal(status, code))
    assert (type(error), error.vendor_code, error.http_status) == (expected, code, status)


NOT_THEIRS = [
    b"",
    b"<html>502</html>",
    b"null",
    b"[]",
    b"{}",
    b'{"ResponseMetadata":3}',
    b'{"a":',
    b"\xff\xfe\xfd",
]


@pytest.mark.parametrize("body", NOT_THEIRS)
@pytest.mark.parametrize("status", [200, 201, 301, 302, 307, 400, 401, 403, 404, 500, 502, 503, 504])
def test_an_answer_that_is_not_the_apis_says_nothing(status: int, body: bytes) -> None:
    assert type(error_of(Reply(status, {}, body))) is OutcomeUnknown


@pytest.mark.parametrize("body", NOT_THEIRS)
def test_too_many_requests_is_believed_from_any_gateway(body: bytes) -> None:
    assert type(error_of(Reply(429, {}, body))) is Throttled


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"ResponseMetadata":' * 50_000, b'{"Result":NaN}', b"1" * 10_000]
)
def test_json_made_to_hurt_is_no_answer(body: bytes) -> None:
    assert type(error_of(Reply(200, {}, body))) is OutcomeUnknown


@pytest.mark.parametrize("status", [201, 204, 302, 500])
def test_success_is_http_200_and_nothing_else(status: int) -> None:
    assert (
        type(error_of(reply(status, {"ResponseMetadata": {}, "Result": {"TaskId": "1"}}))) is OutcomeUnknown
    )


def test_a_success_carries_request_id_result_and_task_id() -> None:
    document = {"ResponseMetadata": {"RequestId": "2026X", "Error": None}, "Result": {"TaskId": "77"}}
    success = read_reply(CREATE, reply(200, document))
    assert (success.request_id, task_id(success)) == ("2026X", "77")


@pytest.mark.parametrize("result", [None, {}, {"TaskId": ""}, {"TaskId": None}, {"TaskId": ["7"]}, "77"])
def test_a_create_without_a_task_id_may_or_may_not_have_made_a_relay(result: Any) -> None:
    assert type(error_of(reply(200, {"ResponseMetadata": {}, "Result": result}))) is OutcomeUnknown


@pytest.mark.parametrize("action", ["UpdateRelaySourceV4", "DeleteRelaySourceV4", LIST])
def test_only_create_needs_a_task_id(action: str) -> None:
    assert read_reply(action, reply(200, {"ResponseMetadata": {}})).result == {}


@pytest.mark.parametrize("error", [{}, {"Code": 7}, "oops", [], {"Code": None, "Message": None}])
def test_an_error_of_any_shape_is_no_success(error: Any) -> None:
    document = {"ResponseMetadata": {"Error": error}, "Result": {"TaskId": "1"}}
    assert type(error_of(reply(200, document))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("failure", "sent", "expected"),
    [
        (httpx.ConnectError("refused"), False, Unreachable),
        (httpx.ConnectTimeout(""), False, Unreachable),
        (httpx.PoolTimeout(""), False, Unreachable),
        (httpx.ConnectError("refused"), True, Unreachable),
        (httpx.ConnectTimeout(""), True, Unreachable),
        (TimeoutError(), False, Unreachable),
        (TimeoutError(), True, OutcomeUnknown),
        (httpx.ReadTimeout(""), True, OutcomeUnknown),
        (httpx.ReadError("reset"), True, OutcomeUnknown),
        (httpx.WriteError("reset"), True, OutcomeUnknown),
        (httpx.RemoteProtocolError("closed"), True, OutcomeUnknown),
        (TooLong("the answer is too long"), True, TooLong),
    ],
)
def test_no_answer_means_what_had_been_sent_by_then(
    failure: Exception, sent: bool, expected: type[ProviderError]
) -> None:
    assert type(transport_failure(CREATE, failure, sent=sent)) is expected


@pytest.mark.parametrize(
    "failure", [TimeoutError(), httpx.ReadTimeout(""), httpx.ReadError(""), httpx.RemoteProtocolError("gone")]
)
def test_a_call_without_an_answer_is_told_in_plain_words(failure: Exception) -> None:
    said = str(transport_failure(CREATE, failure, sent=True))
    assert type(failure).__name__ not in said
    assert "may have taken effect" in said


def test_only_a_call_that_writes_is_said_to_have_perhaps_taken_effect() -> None:
    answer = refusal(500, "InternalError")
    said = {}
    for action in (CREATE, LIST):
        with pytest.raises(OutcomeUnknown) as caught:
            read_reply(action, answer)
        said[action] = [str(caught.value), str(transport_failure(action, TimeoutError(), sent=True))]
    assert all("may have taken effect" in words for words in said[CREATE])
    assert not any("effect" in words or "acted" in words for words in said[LIST])


@pytest.mark.parametrize(
    ("error", "retry", "counts", "look_first"),
    [
        (Throttled, True, False, False),
        (Unreachable, True, True, False),
        (Unavailable, True, True, True),
        (OutcomeUnknown, True, True, True),
        (TooLong, True, True, True),
        (ClockSkewed, True, True, False),
        (NotFound, True, True, True),
        (Invalid, False, True, True),
        (Forbidden, False, True, False),
    ],
)
def test_each_error_says_what_may_be_done(
    error: type[ProviderError], retry: bool, counts: bool, look_first: bool
) -> None:
    assert (error.retry, error.counts, error.look_first) == (retry, counts, look_first)
    assert HINTS[error]


def test_a_message_names_action_code_status_request_and_meaning() -> None:
    error = error_of(refusal(403, "RequestForbidden.BillingStatus", "pay first"))
    assert str(error) == (
        "CreateRelaySourceV4: the service is not opened, or a bill is overdue "
        "(RequestForbidden.BillingStatus, HTTP 403, request 2026X); it says: pay first"
    )


CANARIES = ("AKLTcanary0001", "canary/secret==", "rtmp://u:canary,pw@src.example.com/live/canary-key")


@pytest.mark.parametrize("echo", CANARIES)
def test_an_echoed_secret_is_masked(echo: str) -> None:
    error = error_of(refusal(400, "InvalidParam", f"bad value <{echo}> given"), hide=CANARIES)
    assert "canary" not in str(error)


def test_an_echoed_address_is_masked_though_nobody_named_it() -> None:
    said = str(
        error_of(refusal(400, "InvalidParam", "cannot pull rtmp://src.example.com/live/canary?k=canary"))
    )
    assert "canary" not in said
    assert "src.example.com" in said


def test_a_control_character_in_an_address_hides_nothing_from_the_mask() -> None:
    assert "canary" not in clean("cannot pull rtmp://src.example.com/li\x00ve/canary")


def test_secrets_in_a_transport_error_are_masked() -> None:
    error = transport_failure(
        CREATE, httpx.LocalProtocolError(f"bad {CANARIES[0]}"), sent=False, hide=CANARIES
    )
    assert "canary" not in str(error)


@given(st.text(max_size=2_000), st.text(max_size=50), st.text(max_size=50))
def test_whatever_the_provider_says_becomes_one_short_printable_line(
    said: str, code: str, request: str
) -> None:
    document = {"ResponseMetadata": {"RequestId": request, "Error": {"Code": code, "Message": said}}}
    error = error_of(reply(400, document))
    assert len(str(error)) < 700
    assert (str(error) + error.vendor_code + error.request_id).isprintable()


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_make_reading_fail_in_another_way(body: bytes, status: int) -> None:
    assert isinstance(error_of(Reply(status, {}, body)), ProviderError)


@given(st.text(), st.integers())
def test_every_code_and_status_means_something(code: str, status: int) -> None:
    assert issubclass(meaning_of(code, status).error, ProviderError)
