"""What may be shown of an address that can hold a password or a stream key (pure).

A source URL can carry a secret in its userinfo, in any query value, and, for RTMP and SRT, in its last
path element, which is the stream key. Each is replaced by ``***`` and six hex digits of a keyed hash, so
that two different keys still look different in a log without either being told. What is masked stays as it
is if it is masked again: an address looks the same on a page, in a log and in an alert.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_KEYED_PATHS: Final = {"rtmp", "rtmps", "srt"}
_URL: Final = re.compile(
    r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://(?:(?![^\w+.-][a-zA-Z][a-zA-Z0-9+.-]{1,15}://)[^\s\"<>])+"
)
"""Commas, quotes and brackets may stand in a password or a streamid, so they do not end an address; the
start of another one does."""
_AFTER: Final = ".,;:!?'()[]{}"
"""What ends a sentence or a list, and not the address before it."""


_MASKED: Final = re.compile(r"\*{3}[0-9a-f]{6}")


def _mask(secret: str) -> str:
    if not secret or _MASKED.fullmatch(secret):
        return secret
    told = secret.encode(errors="surrogatepass")
    return "***" + hashlib.blake2s(told, digest_size=3, person=b"rbmask").hexdigest()


def mask_source(url: str) -> str:
    """The address with everything that could be a secret masked; never raises, whatever it is given."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return _mask(url)
    if not parts.scheme or not parts.netloc:
        return _mask(url)
    if "@" in parts.path + parts.query + parts.fragment:
        # A slash that nobody escaped in a password: what looks like host and path may be a part of it.
        return f"{parts.scheme}://{_mask(url)}"
    userinfo, at, _ = parts.netloc.rpartition("@")
    netloc = f"{_mask(userinfo)}{at}{'[' + host + ']' if ':' in host else host}{port}"
    path = parts.path
    if parts.scheme.lower() in _KEYED_PATHS and path.strip("/"):
        head, _, key = path.rstrip("/").rpartition("/")
        path = f"{head}/{_mask(key)}"
    query = "&".join(
        f"{name}={_mask(value)}" if value.strip("=") else _mask(name)  # a bare token may end in =
        for name, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair)
    )
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets, and with every address in it masked as by :func:`mask_source`.

    The secrets go first: some of them are addresses, of which nothing at all may be told.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _URL.sub(_mask_match, text)


def _mask_match(match: re.Match[str]) -> str:
    found = match.group()
    url = found.rstrip(_AFTER)
    return mask_source(url) + found[len(url) :]
