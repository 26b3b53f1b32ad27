"""What people type into forms. Whatever cannot be used raises ``Refused``, which says how to write it."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData

from worker.durations import parse_duration
from worker.errors import Refused
from worker.moments import moment
from worker.redact import mask_text

_LONGEST: Final = 500
"""Characters of a reason."""


def word(given: FormData, name: str) -> str:
    """What was typed into this field, without white space round it; empty for none, or for a file."""
    value = given.get(name)
    return value.strip() if isinstance(value, str) else ""


def reason(given: FormData) -> str:
    """Why, in one line that shows no password."""
    return mask_text(" ".join(word(given, "reason").split())[:_LONGEST])


def instant(typed: str, zone_key: str) -> int:
    """A time as fields for one send it, read on this zone's clock, in Unix seconds."""
    try:
        return moment(typed).unix(zone_key)
    except ValueError as error:
        raise Refused(str(error)) from None


def seconds(typed: str) -> int:
    """A length that is more than nothing: ``90m``, ``+1h30m``."""
    try:
        found = parse_duration(typed.removeprefix("+"))
    except ValueError as error:
        raise Refused(str(error)) from None
    if not found:
        raise Refused(f"{typed!r} is no length", hint="write it as 30m or 1h30m")
    return found
