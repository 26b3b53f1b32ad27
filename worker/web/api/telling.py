"""How the API answers: as JSON that holds no secret, with a tag, and not at all to whoever has it already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.redact import mask_text
from worker.web.answers import Content, answered, sent

JSON: Final = "application/json"
_KEPT: Final = "private, no-cache"
_SOURCES: Final = "sources"
"""What is masked already, and would be masked to something else if it were again."""


def content_of(document: Any, gist: Any = None) -> Content:
    """A document as it is sent; ``gist`` is what counts of it, if not all does."""
    return Content(_json(document), _json(gist) if gist else b"")


def told(request: Request, content: Content, *, after: str = "") -> Response:
    """The answer to who reads; ``after`` is the cursor of the next page, if there is one."""
    answer = answered(request, content, JSON, kept=_KEPT)
    if after:
        url = request.url.include_query_params(cursor=after)
        answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return answer


def done(request: Request, document: Any) -> Response:
    """The answer to who said something."""
    return sent(request, content_of(document), JSON, headers={"Cache-Control": "no-store"})


def _shown(value: Any) -> Any:
    """The same; whatever people wrote, and providers said, may hold an address."""
    if isinstance(value, str):
        return mask_text(value) if "://" in value else value
    if isinstance(value, Mapping):
        return {name: each if name == _SOURCES else _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list | tuple) else value


def _json(document: Any) -> bytes:
    return json.dumps(_shown(document), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class Heading:
    """Answers HEAD as GET, without the content (RFC 9110, 9.3.2), wherever there is a GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        head = scope["type"] == "http" and scope["method"] == "HEAD"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _allow(MutableHeaders(scope=message))
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if head else scope, receive, answer)


def _allow(headers: MutableHeaders) -> None:
    if headers.get("allow") == "GET":
        headers["Allow"] = "GET, HEAD"
