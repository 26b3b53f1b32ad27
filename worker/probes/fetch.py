"""HTTP over a connection of ours: one request, and no redirect is followed.

No client of higher level does: it looks the name up again, after the check, and counts its patience anew
with every byte.
"""

from __future__ import annotations

import base64
import contextlib
import http
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final, cast
from urllib.parse import SplitResult, unquote, urlsplit

from worker.probes.line import Dead, Ended, Line, Reach

_PORTS: Final = {"http": 80, "https": 443}
_GONE: Final = {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE}
_ASK_WHO: Final = {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}


@contextlib.contextmanager
def get(reach: Reach, url: str) -> Iterator[HTTPResponse]:
    """The answer, if it is 200. Raises ``Dead`` or ``TimeoutError``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise Dead("protocol", "it leads to an address that is not one of HTTP") from None
    with reach.line(host, port, tls=parts.scheme == "https") as line:
        answer = _ask(line, parts, host, port)
        with answer:
            _check(answer.status)
            try:
                yield answer
            except HTTPException:
                raise Ended from None


def _ask(line: Line, parts: SplitResult, host: str, port: int) -> HTTPResponse:
    connection = HTTPConnection(host, port)
    connection.sock = cast(Any, line)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", target, headers=_headers(parts))
        return connection.getresponse()
    except ConnectionError:
        raise Ended from None
    except (HTTPException, ValueError):
        raise Dead("protocol", "what answers is not HTTP") from None


def _headers(parts: SplitResult) -> dict[str, str]:
    userinfo, _, host = parts.netloc.rpartition("@")
    headers = {"Host": host, "User-Agent": "relaybeat", "Accept": "*/*", "Connection": "close"}
    if userinfo:
        headers["Authorization"] = f"Basic {base64.b64encode(unquote(userinfo).encode()).decode()}"
    return headers


def _check(status: int) -> None:
    if http.HTTPStatus.MULTIPLE_CHOICES <= status < http.HTTPStatus.BAD_REQUEST:
        raise Dead("redirect", f"it answers {status} and sends us elsewhere, which is not followed")
    if status in _GONE:
        raise Dead("absent", f"it answers {status}: there is no such stream")
    if status in _ASK_WHO:
        raise Dead("refused", f"it answers {status}: it does not let us in")
    if status != http.HTTPStatus.OK:
        raise Dead("refused", f"it answers {status}")
