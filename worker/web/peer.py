"""Who is at the other end of a request, as far as it can be believed (pure)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PASSED_ON: Final = frozenset({"forwarded", "via", "x-real-ip"})
"""With every ``x-forwarded-…``, what proxies say of themselves."""


@dataclass(frozen=True, slots=True)
class Peer:
    """``address`` is the client's, or that of a proxy that we do not believe. ``secure`` means that it came
    by TLS. ``here`` means that a person or program of this machine asks, by one of its own names.
    """

    address: str
    secure: bool
    here: bool

    @property
    def group(self) -> str:
        """Whom they are counted with: an IPv6 client has a whole /64 of addresses."""
        address = _address(self.address)
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, 64), strict=False))
        return str(address or self.address)


class Knowing:
    """Sets ``request.state.peer``, and the scheme for addresses in answers. ``proxies`` are those that we
    believe.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[Network] = ()) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            known = peer(scope, self._proxies)
            Request(scope).state.peer = known
            scope["scheme"] = "https" if known.secure else "http"
        await self._app(scope, receive, send)


def peer(scope: Scope, proxies: Sequence[Network]) -> Peer:
    """What proxies at the addresses ``proxies`` say of their clients is believed; of others, nothing is."""
    headers = Headers(scope=scope)
    address: str = (scope.get("client") or ("", 0))[0]
    if not _within(address, proxies):
        return Peer(address, scope["scheme"] == "https", _is_here(scope, address, headers))
    way = [each.strip() for line in headers.getlist("x-forwarded-for") for each in line.split(",")]
    client = next((each for each in reversed(way) if not _within(each, proxies)), address)
    secure = headers.get("x-forwarded-proto", scope["scheme"]).strip().lower() == "https"
    return Peer(client if _address(client) else address, secure, here=False)


def is_loopback(host: str) -> bool:
    """Whether this name or address, without a port, can only mean this machine."""
    address = _address(host.removeprefix("[").removesuffix("]"))
    return address.is_loopback if address else host.lower() == "localhost"


def names_loopback(url_or_host: str) -> bool:
    """The same of a URL, or of what a ``Host`` header holds."""
    try:
        where = urlsplit(url_or_host if "//" in url_or_host else f"//{url_or_host}")
        return is_loopback(where.hostname or "")
    except ValueError:
        return False


def _is_here(scope: Scope, address: str, headers: Headers) -> bool:
    """A name of ours, or a page of another site could read ours by giving its own name our address (DNS
    rebinding). Nothing of a proxy, for then it is anybody; some say nothing but speak HTTP/1.0, as nothing
    else does.
    """
    passed_on = any(name in _PASSED_ON or name.startswith("x-forwarded") for name in headers)
    by_name = names_loopback(headers.get("host", ""))
    return is_loopback(address) and by_name and not passed_on and scope.get("http_version") != "1.0"


def _within(address: str, networks: Sequence[Network]) -> bool:
    parsed = _address(address)
    return parsed is not None and any(parsed in network for network in networks)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A socket or a proxy for both kinds writes 192.0.2.7 as ``::ffff:192.0.2.7`` (RFC 4291, 2.5.5.2)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
