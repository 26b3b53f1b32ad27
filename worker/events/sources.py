"""Which addresses the provider may be told to pull from, and which names a domain may have (pure).

The provider fetches the sources, not we; still, an address inside somebody's network, of a cloud's
metadata service, or one that two programs would read differently, has no place in an events file.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from worker.events.problems import Unusable

SCHEMES: Final = ("rtmp", "rtmps", "http", "https", "srt")
LONGEST_SOURCE: Final = 2000

_STRANGE: Final = re.compile(r"[^\x21-\x7e]|[\\<>\"^`{|}]")
_NAME: Final = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_NUMBERS: Final = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
_INSIDE: Final = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home.arpa")
_UNICAST: Final = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is routed (RFC 4291); outside it lie the ways to write an IPv4 address as IPv6."""


def source(text: str) -> str:
    """The address as it was written. Raises :class:`Unusable`, which never quotes more than the host."""
    strange = _STRANGE.search(text)
    if strange:
        hint = "write it percent-encoded (%20), and a host of other scripts as xn--"
        raise Unusable(f"the address holds the character {strange.group()!a}", hint=hint)
    if len(text) > LONGEST_SOURCE:
        raise Unusable(f"the address has {len(text)} characters", hint=f"at most {LONGEST_SOURCE}")
    scheme, separator, _ = text.partition("://")
    if not separator or scheme.lower() not in SCHEMES:
        raise Unusable("the address does not begin with a scheme that can be pulled", hint=_examples())
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unusable("the host or the port of the address is malformed", hint=_examples()) from None
    if parts.netloc.count("@") > 1 or port == 0:
        raise Unusable(
            "the host or the port of the address is malformed", hint="write @ in a password as %40"
        )
    _public(host, bracketed="[" in parts.netloc)
    return text


def domain(text: str) -> str:
    """A domain name of the account. Raises :class:`Unusable`."""
    if text != text.lower() and _NAME.fullmatch(text.lower()):
        raise Unusable(f"{text!r} is not in lower case", hint=f"write {text.lower()}")
    if not _NAME.fullmatch(text):
        raise Unusable(
            f"{text!r} is not a domain name", hint="such as pull.example.com, without scheme or path"
        )
    return text


def is_routed(host: str) -> bool:
    """Whether this is one address of the internet. ``127.1`` and ``0x7f000001`` are no spelling of any."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address not in _UNICAST:
            return False
        address = address.sixtofour or address
    return address.is_global and not address.is_multicast


def _public(host: str, bracketed: bool) -> None:
    """Refuses hosts that only mean something inside a network, however they are spelled."""
    inside = f"the provider must not pull from {host!r}, which lies inside a network"
    hint = "name a host that can be reached from the internet"
    if bracketed or _NUMBERS.fullmatch(host):
        if not is_routed(host):
            raise Unusable(inside, hint=hint)
    elif host in _INSIDE or host.endswith(tuple(f".{name}" for name in _INSIDE)):
        raise Unusable(inside, hint=hint)
    elif not _NAME.fullmatch(host):
        raise Unusable(f"{host!r} is not a full host name", hint=_examples())


def _examples() -> str:
    return "such as rtmp://a.example.com/live/news; " + ", ".join(SCHEMES)
