"""What every answer says to browsers, whatever it is an answer to."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # where a bar stands: numbers that we made
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_UNUSED: Final = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
ALWAYS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: forms would then be sent with `Origin: null`, and the door asks where they come from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _UNUSED),
}
"""As OWASP's secure headers project has them, but for HSTS: that would hold for the host's other ports too,
so whoever ends TLS decides it."""


class Saying:
    """Adds the headers. An answer that does not say how long it may be kept is not kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                say(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, answer)


def say(headers: MutableHeaders) -> None:
    """Adds them to these."""
    headers.update(ALWAYS)
    headers.setdefault("Cache-Control", "no-store")
