"""Who asks, and what they may do."""

from __future__ import annotations

import hmac

from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp


class Guard(BaseHTTPMiddleware):
    """Lets in who brings the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        super().__init__(app)
        self._wanted = f"Bearer {token}".encode()

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answers 401 to whoever does not."""
        given = request.headers.get("authorization", "").encode()
        if request.url.path == "/healthz" or hmac.compare_digest(given, self._wanted):
            return await call_next(request)
        return PlainTextResponse("the token is missing or wrong\n", 401, {"WWW-Authenticate": "Bearer"})
