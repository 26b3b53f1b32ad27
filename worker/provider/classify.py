"""What an answer of the provider means, and so which error it becomes (pure).

The documents disagree about the HTTP status of one and the same code, and CommonErr arrives with HTTP 200.
So the code decides first and the status second; a dotted code that is not known itself is known by its
parent. What cannot be told apart from "it may have taken effect" becomes ``OutcomeUnknown``. The table is
shown to people in ``docs/provider.md``, held in step by a test.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import httpx

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
from worker.redact import mask_source, mask_text

MOST_SAID: Final = 300
"""Characters of the provider's own words that are repeated in an error."""

OK: Final = 200

_SHORTEST_HIDDEN: Final = 6
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TOO_SLOW: Final = (TimeoutError, httpx.TimeoutException)
_READ_ONLY: Final = ("List", "Describe")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, read to its end. ``seconds`` is how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Success:
    """HTTP 200 without an error. ``result`` is empty for an action that has none."""

    request_id: str
    result: Mapping[str, Any]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for: the error it becomes, and in words."""

    error: type[ProviderError]
    words: str


class TooLong(OutcomeUnknown):
    """The answer is longer than we are willing to read."""

    code = "answer-too-long"


_THROTTLED: Final = Meaning(Throttled, "the provider asks for fewer requests a second")
_UNCLEAR: Final = Meaning(OutcomeUnknown, "the provider failed")
_NO_ANSWER: Final = Meaning(OutcomeUnknown, "a part of the provider did not answer")
_DENIED: Final = Meaning(Forbidden, "the account's policy does not allow this")
_BAD_KEYS: Final = Meaning(Forbidden, "the provider does not accept the keys")
_BAD_REQUEST: Final = Meaning(Invalid, "the provider does not understand the request")
_REDIRECT: Final = Meaning(OutcomeUnknown, "the answer is a redirect, which is not followed")
_NOT_THEIRS: Final = Meaning(OutcomeUnknown, "the answer is not one of this API's")
_NO_TASK: Final = Meaning(OutcomeUnknown, "the answer has no TaskId, so nothing says that a relay was made")
_WRONG_TIME: Final = Meaning(ClockSkewed, "the provider does not accept the time we signed with")

CODES: Final[Mapping[str, Meaning]] = {
    "CommonErr": Meaning(OutcomeUnknown, "the provider reports an error without a category"),
    "InvalidParam": Meaning(Invalid, "a value is wrong, or a relay is there already"),
    "InvalidParam.BindError": Meaning(Invalid, "a value has the wrong type"),
    "InvalidParam.OutOfRange": Meaning(Invalid, "a value is outside its range"),
    "RequestForbidden": Meaning(Forbidden, "the account has no such domain or app"),
    "RequestForbidden.AccountIDNotAllow": Meaning(Forbidden, "the domain belongs to another account"),
    "RequestForbidden.BillingStatus": Meaning(Forbidden, "the service is not opened, or a bill is overdue"),
    "ResourceNotFound": Meaning(NotFound, "the provider knows no such domain, app or relay"),
    "InternalError": _UNCLEAR,
    "InternalServiceError": _UNCLEAR,
    "InternalServiceTimeout": _NO_ANSWER,
    "UndefinedError": _UNCLEAR,
    "FailToConnect": _NO_ANSWER,
    "ServiceUnavailableTemp": Meaning(Unavailable, "the provider is unavailable for now"),
    "ServiceUnavailable": Meaning(Unavailable, "the provider is unavailable for now"),
    "FlowLimitExceeded": _THROTTLED,
    "AccountFlowLimitExceeded": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    "InvalidTimestamp": _WRONG_TIME,
    "RequestExpired": _WRONG_TIME,
    "InvalidAccessKey": _BAD_KEYS,
    "InvalidClientTokenId": _BAD_KEYS,
    "InvalidAuthorization": _BAD_KEYS,
    "InvalidCredential": _BAD_KEYS,
    "InvalidSecretToken": Meaning(Forbidden, "the session token is wrong or has expired"),
    "SignatureDoesNotMatch": Meaning(Forbidden, "the secret key does not belong to the access key"),
    "MissingAuthenticationToken": _BAD_KEYS,
    "MissingSignature": _BAD_KEYS,
    "AccessDenied": _DENIED,
    "LackPolicy": _DENIED,
    "LackProjectPolicy": _DENIED,
    "ServiceShouldCallSelfApi": _DENIED,
    "MissingParameter": Meaning(Invalid, "the provider misses a value"),
    "MissingRequestInfo": _BAD_REQUEST,
    "ServiceNotFound": Meaning(Invalid, "there is no such service at this address and region"),
    "InvalidActionOrVersion": Meaning(Invalid, "there is no such action at this address"),
    "MethodNotAllowed": _BAD_REQUEST,
}
"""Every code that the documents name, and throttling words that other products of the platform use."""

STATUSES: Final[Mapping[int, Meaning]] = {
    401: _BAD_KEYS,
    403: _DENIED,
    404: Meaning(NotFound, "the provider knows no such thing"),
    408: _NO_ANSWER,
    429: _THROTTLED,
    503: Meaning(Unavailable, "the provider is unavailable for now"),
}
"""What a status means when the code says nothing; other 4xx are ``Invalid``, all else ``OutcomeUnknown``."""

HINTS: Final[Mapping[type[ProviderError], str]] = {
    Throttled: "lower RELAYBEAT_QUOTA if other programs use the same account",
    Unreachable: "check RELAYBEAT_PROVIDER_URL, DNS, the firewall and the certificate authorities",
    ClockSkewed: "set this machine's clock, and keep it set (NTP)",
    Unavailable: "Relaybeat looks at the provider's list and tries again",
    OutcomeUnknown: "Relaybeat looks at the provider's list and tries again",
    TooLong: "look for relays with very long source addresses",
    NotFound: "check the domain and the app in the provider's console",
    Invalid: "compare domain, app, stream and sources with what the provider allows",
    Forbidden: "check the keys, the policy of their account, and its bills",
}


def read_reply(action: str, reply: Reply, hide: Iterable[str] = ()) -> Success:
    """The result of a call that succeeded. Raises the ``ProviderError`` that the answer stands for.

    Success is HTTP 200 without an error, and, for create, with a TaskId. ``hide`` lists texts that must
    not be repeated should the provider echo them: keys, and the sources of the request.
    """
    document = _document(reply.body)
    meta = document.get("ResponseMetadata")
    if not isinstance(meta, dict):
        raise _refusal(action, reply.status, _without_code(reply.status))
    request_id = clean(meta.get("RequestId"), most=64)
    if meta.get("Error") is not None:
        raise _refused(action, reply.status, meta["Error"], request_id, tuple(hide))
    if reply.status != OK:
        raise _refusal(action, reply.status, _without_code(reply.status), request_id=request_id)
    result = document.get("Result")
    success = Success(request_id, result if isinstance(result, dict) else {}, reply.seconds)
    if action == "CreateRelaySourceV4" and not task_id(success):
        raise _refusal(action, reply.status, _NO_TASK, request_id=request_id)
    return success


def task_id(success: Success) -> str:
    """The id that create alone returns; empty when there is none."""
    value = success.result.get("TaskId")
    return clean(value, most=128) if isinstance(value, str | int) else ""


def transport_failure(
    action: str, error: BaseException, *, sent: bool, hide: Iterable[str] = ()
) -> ProviderError:
    """The error for a call that got no whole answer.

    ``sent``: whether any of it may have gone out. A failure to connect speaks for itself.
    """
    said = clean(str(error), hide)
    if isinstance(error, TooLong):
        return TooLong(f"{action}: {said}", action=action, hint=HINTS[TooLong])
    what = "in time" if isinstance(error, _TOO_SLOW) else f"({said or 'the connection broke'})"
    if sent and not isinstance(error, _NOT_SENT):
        words = f"{action}: the request was sent, and no whole answer came back {what}{_doubt(action)}"
        return OutcomeUnknown(words, action=action, hint=HINTS[OutcomeUnknown])
    words = f"{action}: the provider could not be reached {what}; nothing was sent"
    return Unreachable(words, action=action, hint=HINTS[Unreachable])


def _doubt(action: str) -> str:
    """What is to be feared of a call without a clear answer: of one that only reads, nothing."""
    return "" if action.startswith(_READ_ONLY) else "; it may have taken effect all the same"


def meaning_of(code: str, status: int) -> Meaning:
    """What an error with this code and HTTP status means: the code, else its parents, else the status."""
    while code:
        if code in CODES:
            return CODES[code]
        code = code.rpartition(".")[0]
    if status in STATUSES:
        return STATUSES[status]
    if 400 <= status < 500:  # noqa: PLR2004 -- the class of statuses that blame the request
        return _BAD_REQUEST
    return _UNCLEAR


def clean(said: object, hide: Iterable[str] = (), *, most: int = MOST_SAID) -> str:
    """Text from outside as it may be shown: one line, no control characters, addresses and keys masked."""
    text = "" if said is None else str(said)
    for secret in sorted(hide, key=len, reverse=True):
        if len(secret) >= _SHORTEST_HIDDEN:
            text = text.replace(secret, mask_source(secret))
    line = "".join(char for char in " ".join(text.split()) if char.isprintable())
    masked = mask_text(line)
    return masked if len(masked) <= most else masked[: most - 1] + "…"


def _refused(
    action: str, status: int, error: object, request_id: str, hide: tuple[str, ...]
) -> ProviderError:
    fields = error if isinstance(error, dict) else {}
    code = clean(fields.get("Code"), hide, most=80)
    said = clean(fields.get("Message"), hide)
    return _refusal(action, status, meaning_of(code, status), code=code, request_id=request_id, said=said)


def _refusal(
    action: str, status: int, meaning: Meaning, *, code: str = "", request_id: str = "", said: str = ""
) -> ProviderError:
    where = ", ".join(
        part for part in (code, f"HTTP {status}", f"request {request_id}" * bool(request_id)) if part
    )
    doubt = _doubt(action) if meaning.error.unclear else ""
    return meaning.error(
        f"{action}: {meaning.words}{doubt} ({where})" + (f"; it says: {said}" if said else ""),
        action=action,
        vendor_code=code,
        http_status=status,
        request_id=request_id,
        hint=HINTS[meaning.error],
    )


def _without_code(status: int) -> Meaning:
    """For an answer that is not this API's: a gateway's page, a redirect, nothing at all."""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return _THROTTLED
    if 300 <= status < 400:  # noqa: PLR2004 -- the class of redirects
        return _REDIRECT
    return _NOT_THEIRS


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
