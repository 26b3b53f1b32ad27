"""Who calls, and whether the signature proves it (pure).

What is signed is taken from the request's own list: the official Node SDK signs neither Host nor
Content-Type, so a server may insist on no header. Query signing is taken for GET, as the documents have it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from worker.provider import signing
from worker.provider.emulator.refusals import Refusal
from worker.settings import Credentials

VALIDITY: Final = 900
"""Seconds that an X-Date is good for, unless a query-signed request says otherwise (X-Expires)."""

SERVICE: Final = "live"

_PARTS: Final = re.compile(r"(Credential|SignedHeaders|Signature)=([^,]*)")
_SCOPE: Final = re.compile(
    r"(?P<key>.+)/(?P<scope>(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/request)"
)
_SEVEN_DAYS: Final = 604_800


@dataclass(frozen=True)
class Call:
    """One request as it arrived: ``at`` in Unix seconds, path and query as sent, header names lower case."""

    at: float
    method: str
    path: str
    query: bytes
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, decoded."""
        return dict(signing.query_pairs(self.query))


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of its own signature."""

    credential: str
    signed_headers: str
    signature: str
    x_date: str
    validity: int
    in_query: bool = False


def authenticate(call: Call, keys: Credentials, now: float) -> str:
    """The region the request was signed for. Raises a ``Refusal`` unless ``keys`` have signed it, lately."""
    claim = _claim(call)
    scope = _SCOPE.fullmatch(claim.credential)
    if scope is None or scope["day"] != claim.x_date[:8] or scope["service"] != SERVICE:
        raise Refusal("InvalidCredential")
    _check_time(claim, now)
    if not hmac.compare_digest(scope["key"].encode(), keys.access_key.encode()):
        raise Refusal("InvalidAccessKey")
    expected = _expected(call, claim, scope["scope"], keys.secret_key)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise Refusal("SignatureDoesNotMatch")
    token = call.headers.get("x-security-token") or call.parameters.get("X-Security-Token", "")
    if not hmac.compare_digest(token.encode(), keys.session_token.encode()):
        raise Refusal("InvalidSecretToken")
    return scope["region"]


def _claim(call: Call) -> _Claim:
    if "X-Algorithm" in call.parameters or "X-Signature" in call.parameters:
        return _claim_in_query(call)
    header = call.headers.get("authorization", "")
    if not header:
        raise Refusal("MissingAuthenticationToken")
    algorithm, _, rest = header.partition(" ")
    parts = dict(_PARTS.findall(rest))
    if algorithm != signing.ALGORITHM or not parts.keys() >= {"Credential", "SignedHeaders"}:
        raise Refusal("InvalidAuthorization")
    x_date = call.headers.get("x-date", "")
    return _complete(
        _Claim(parts["Credential"], parts["SignedHeaders"], parts.get("Signature", ""), x_date, VALIDITY)
    )


def _claim_in_query(call: Call) -> _Claim:
    said = call.parameters
    expires = said.get("X-Expires", str(VALIDITY))
    if call.method != "GET" or said.get("X-Algorithm") != signing.ALGORITHM or not expires.isdecimal():
        raise Refusal("InvalidAuthorization")
    credential, signed_headers = said.get("X-Credential", ""), said.get("X-SignedHeaders", "")
    signature, x_date = said.get("X-Signature", ""), said.get("X-Date", "")
    validity = min(int(expires), _SEVEN_DAYS)
    return _complete(_Claim(credential, signed_headers, signature, x_date, validity, in_query=True))


def _complete(claim: _Claim) -> _Claim:
    if not claim.signature:
        raise Refusal("MissingSignature")
    if not claim.x_date:
        raise Refusal("MissingRequestInfo", "X-Date is missing")
    return claim


def _check_time(claim: _Claim, now: float) -> None:
    try:
        signed_at = datetime.strptime(claim.x_date, signing.DATE_FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refusal("InvalidTimestamp", "X-Date must be UTC, as 20060102T150405Z") from None
    if signed_at > now:
        raise Refusal("InvalidTimestamp", "X-Date lies in the future")
    if now - signed_at > claim.validity:
        raise Refusal("InvalidTimestamp", "X-Date has expired")


def _expected(call: Call, claim: _Claim, scope: str, secret_key: str) -> str:
    digest = signing.body_digest(call.body)
    if not claim.in_query and call.headers.get("x-content-sha256", digest) != digest:
        raise Refusal("SignatureDoesNotMatch", "X-Content-Sha256 is not the body's")
    names = [name for name in claim.signed_headers.lower().split(";") if name]
    pairs = [
        pair for pair in signing.query_pairs(call.query) if not claim.in_query or pair[0] != "X-Signature"
    ]
    try:
        canonical = signing.canonical_request(call.method, call.path, pairs, call.headers, names, digest)
    except KeyError as missing:
        raise Refusal("SignatureDoesNotMatch", f"signed header {missing} is missing") from None
    if claim.in_query and not names:
        # The official signer puts one more newline where the headers would have been.
        head, _, _ = canonical.rpartition("\n")
        canonical = f"{head}\n\n{digest}"
    return signing.signature(secret_key, scope, signing.string_to_sign(claim.x_date, scope, canonical))
