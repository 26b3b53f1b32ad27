"""The provider's request signature, HMAC-SHA256 (SIG: "Signature method", Volcengine common API).

What both ends compute is here as pure functions, so that the emulator checks a signature with the code
that the vectors of the official SDK have proved. :class:`VolcAuth` is the client's end. ::

    canonical request = method, path, query, headers, signed header names, SHA-256 of the body
    string to sign    = "HMAC-SHA256", X-Date, scope, SHA-256 of the canonical request
    scope             = YYYYMMDD/region/service/request
    key               = HMAC of date, region, service and "request", one after the other

Unlike AWS, nothing is put before the secret in the key chain.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn
from urllib.parse import quote, unquote_to_bytes

import httpx

from worker.settings import Credentials

ALGORITHM: Final = "HMAC-SHA256"
DATE_FORMAT: Final = "%Y%m%dT%H%M%SZ"
"""X-Date: UTC, to the second."""

FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
"""What the official signer declares and signs for a body without a Content-Type."""

_DEFAULT_PORT: Final = re.compile(r":(80|443)$")


def body_digest(body: bytes) -> str:
    """X-Content-Sha256 of a body: lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def query_pairs(raw_query: bytes) -> list[tuple[str, str]]:
    """Names and values of a query as it came over the wire, decoded, in their order.

    A plus is a space: the official Python SDK writes it so and signs ``%20``. Bytes that are not UTF-8
    survive as surrogates, so that encoding them again gives the same bytes.
    """
    halves = (pair.partition(b"=") for pair in raw_query.split(b"&") if pair)
    return [(_decode(name, plus=True), _decode(value, plus=True)) for name, _, value in halves]


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The query in the one form that is signed: RFC 3986 escapes, by name; equal names keep their order."""
    ordered = sorted(pairs, key=lambda pair: pair[0])
    return "&".join(f"{_escape(name)}={_escape(value)}" for name, value in ordered)


def canonical_path(raw_path: str) -> str:
    """The path in the one form that is signed: each segment escaped by RFC 3986; "/" when empty."""
    return "/".join(_escape(_decode(part.encode())) for part in raw_path.split("/")) or "/"


def canonical_request(
    method: str,
    raw_path: str,
    pairs: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    signed_headers: Iterable[str],
    body_sha256: str,
) -> str:
    """The text whose hash is signed. ``headers`` has lower-case names and every name in ``signed_headers``.

    Raises ``KeyError`` for a signed header that is not there. The port of ``host`` counts, unless it is 80
    or 443.
    """
    names = list(signed_headers)
    values = {name: headers[name].strip() for name in names}
    if "host" in values:
        values["host"] = _DEFAULT_PORT.sub("", values["host"])
    lines = "".join(f"{name}:{values[name]}\n" for name in names)
    parts = (method, canonical_path(raw_path), canonical_query(pairs), lines, ";".join(names), body_sha256)
    return "\n".join(parts)


def scope(x_date: str, region: str, service: str) -> str:
    """What a signature is good for: one UTC day, one region, one service."""
    return f"{x_date[:8]}/{region}/{service}/request"


def string_to_sign(x_date: str, scope: str, canonical: str) -> str:
    """The four lines that are signed."""
    return "\n".join((ALGORITHM, x_date, scope, hashlib.sha256(canonical.encode()).hexdigest()))


def signature(secret_key: str, scope: str, text: str) -> str:
    """Lower-case hex. ``scope`` gives the key chain; ``text`` is :func:`string_to_sign`'s."""
    key = secret_key.encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return _hmac(key, text).hex()


class VolcAuth(httpx.Auth):
    """Signs any httpx request for Volcengine's and BytePlus' APIs.

    Signed are Content-Type, Content-Md5, Host and every ``X-`` header. The URL is rewritten to its
    canonical form, so that what is sent is, byte for byte, what was signed. ``now`` gives the time to sign
    with, as an aware datetime or a callable that returns one; default the clock. Raises ``ValueError`` for
    a naive one. The keys show in no ``repr``, and an instance cannot be pickled.
    """

    requires_request_body = True

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        session_token: str = "",
        region: str = "cn-north-1",
        service: str = "live",
        now: Callable[[], datetime] | datetime | None = None,
    ) -> None:
        self._credentials = Credentials(access_key, secret_key, session_token)
        self._region = region
        self._service = service
        self._now = now or _clock

    def __repr__(self) -> str:
        return f"VolcAuth(keys=***, region={self._region!r}, service={self._service!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("VolcAuth holds keys and is not pickled")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Signs the request as it stands and sends it once."""
        self._complete(request)
        signed = sorted({name for name in request.headers if _is_signed(name)})
        raw_path, _, raw_query = request.url.raw_path.decode("ascii").partition("?")
        canonical = canonical_request(
            request.method,
            raw_path,
            query_pairs(raw_query.encode()),
            request.headers,
            signed,
            request.headers["X-Content-Sha256"],
        )
        x_date = request.headers["X-Date"]
        good_for = scope(x_date, self._region, self._service)
        proof = signature(self._credentials.secret_key, good_for, string_to_sign(x_date, good_for, canonical))
        request.headers["Authorization"] = (
            f"{ALGORITHM} Credential={self._credentials.access_key}/{good_for}, "
            f"SignedHeaders={';'.join(signed)}, Signature={proof}"
        )
        yield request

    def _complete(self, request: httpx.Request) -> None:
        raw_path, _, raw_query = request.url.raw_path.partition(b"?")
        target = canonical_path(raw_path.decode("ascii"))
        if raw_query:
            target += "?" + canonical_query(query_pairs(raw_query))
        request.url = request.url.copy_with(raw_path=target.encode())
        headers = request.headers
        if request.method != "GET":
            headers.setdefault("Content-Type", FORM)
        headers["X-Date"] = _utc(self._now).strftime(DATE_FORMAT)
        headers["X-Content-Sha256"] = body_digest(request.content)
        if self._credentials.session_token:
            headers["X-Security-Token"] = self._credentials.session_token


def _is_signed(name: str) -> bool:
    return name in {"content-type", "content-md5", "host"} or name.startswith("x-")


def _decode(part: bytes, *, plus: bool = False) -> str:
    raw = part.replace(b"+", b" ") if plus else part
    return unquote_to_bytes(raw).decode("utf-8", "surrogateescape")


def _escape(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _utc(now: Callable[[], datetime] | datetime) -> datetime:
    moment = now if isinstance(now, datetime) else now()
    if moment.tzinfo is None:
        raise ValueError("signing needs a time with a zone")
    return moment.astimezone(UTC)


def _clock() -> datetime:
    return datetime.now(UTC)
