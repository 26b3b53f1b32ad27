"""A request's parameters, read by the documents' types and limits (pure).

Times may be integers or decimal strings: the tables say the one, every sample shows the other. Official
clients send ``null`` for what they leave out, so null is absent. Limits are those of CreateRelaySourceV4
and ListRelaySourceV4; they are written here anew, not imported, because what Relaybeat believes of the
provider is what an emulator is there to test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from worker.provider.emulator.refusals import Refusal

WEEK: Final = 7 * 86_400
MOST_SOURCES: Final = 10
APP: Final = re.compile(r"[A-Za-z0-9_.-]{1,30}")
STREAM: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
SCHEMES: Final = frozenset({"rtmp", "rtmps", "srt", "http", "https"})
"""RTMP, RTMPS and SRT, and HTTP for FLV and HLS: the union of what the documents' generations allow."""

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_TOO_LARGE: Final = 10**18
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]")


class Fields:
    """The parameters of one request; every reading gives the type asked for or raises a ``Refusal``."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def text(self, name: str) -> str:
        """A string, empty when absent."""
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise Refusal("InvalidParam.BindError", f"{name} must be a string")
        return value

    def raw(self, name: str) -> object:
        """Whatever was sent, ``None`` when absent."""
        return self._values.get(name)

    def flag(self, name: str) -> bool:
        """A JSON boolean, false when absent."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise Refusal("InvalidParam.BindError", f"{name} must be true or false")
        return value

    def number(self, name: str) -> int | None:
        """An integer, or a string of decimal digits."""
        value = self._values.get(name)
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if value is None or (type(value) is int and abs(value) < _TOO_LARGE):
            return value
        raise Refusal("InvalidParam.BindError", f"{name} must be an integer")

    def within(self, name: str, most: int, default: int | None = None) -> int:
        """An integer from 1 to ``most``; required unless there is a default."""
        value = self.number(name)
        value = default if value is None else value
        if value is None:
            raise Refusal("InvalidParam", f"{name} is required")
        if not 1 <= value <= most:
            raise Refusal("InvalidParam.OutOfRange", f"{name} must be from 1 to {most}")
        return value

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        """A required string of that form."""
        value = self.text(name)
        if not value:
            raise Refusal("InvalidParam", f"{name} is required")
        if not pattern.fullmatch(value):
            raise Refusal("InvalidParam", f"{name} must match {pattern.pattern}")
        return value

    def choice(self, name: str, *choices: str) -> str:
        """One of the strings; the first is the default."""
        value = self.text(name) or choices[0]
        if value not in choices:
            raise Refusal(
                "InvalidParam.OutOfRange", f"{name} must be one of {', '.join(filter(None, choices))}"
            )
        return value

    def moment(self, name: str) -> float:
        """A required RFC 3339 time, as Unix seconds."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise Refusal("InvalidParam", f"{name} must be an RFC 3339 time") from None
        if moment.tzinfo is None:
            raise Refusal("InvalidParam", f"{name} must have a zone")
        return moment.timestamp()

    def objects(self, name: str) -> list[Mapping[str, object]]:
        """A list of JSON objects, empty when absent."""
        return [item for item in self._list(name, dict) if isinstance(item, dict)]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, empty when absent."""
        return tuple(str(item) for item in self._list(name, str))

    def sources(self) -> tuple[str, ...]:
        """SrcAddrS: 1 to 10 addresses of a pull protocol, host and all."""
        sources = self.texts("SrcAddrS")
        if not 1 <= len(sources) <= MOST_SOURCES:
            raise Refusal(
                "InvalidParam", f"SrcAddrS must hold 1 to {MOST_SOURCES} addresses, not {len(sources)}"
            )
        if not all(map(_is_source, sources)):
            raise Refusal("InvalidParam", "SrcAddrS must hold RTMP, FLV, HLS or SRT addresses")
        return sources

    def span(self) -> tuple[int | None, int | None]:
        """StartTime and EndTime: both, in order and at most a week apart, or neither."""
        start, end = self.number("StartTime"), self.number("EndTime")
        if start is None and end is None:
            return None, None
        if start is None or end is None:
            raise Refusal("InvalidParam", "StartTime and EndTime are given together or not at all")
        if not 0 < start < end:
            raise Refusal("InvalidParam", "EndTime must be after StartTime")
        if end - start > WEEK:
            raise Refusal("InvalidParam", f"EndTime must be at most {WEEK} seconds after StartTime")
        return start, end

    def _list(self, name: str, kind: type) -> list[object]:
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
            raise Refusal("InvalidParam.BindError", f"{name} must be a list of {kind.__name__}")
        return value


def parse_body(body: bytes) -> Fields:
    """A POST's JSON object; an empty body has no parameters."""
    try:
        values = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal("InvalidParam.BindError", "the body is not JSON") from None
    if not isinstance(values, dict):
        raise Refusal("InvalidParam.BindError", "the body is not a JSON object")
    return Fields(values)


def _is_source(address: str) -> bool:
    if _CONTROL.search(address):
        return False
    try:
        parts = urlsplit(address)
        return (
            parts.scheme.lower() in SCHEMES
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False
