"""What is wrong with an events file: all of it at once, each with its line and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from worker.errors import ConfigError

MOST_PROBLEMS: Final = 1000
"""As many are kept; a person mends the first few, and the rest often go with them."""

Way = tuple[str | int, ...]
"""The way from the top of the file to a value: keys, and positions counted from 0."""

Mark = tuple[int, int]
"""Line and column, both counted from 1."""

_PLAIN: Final = {
    **{chr(0xFF01 + n): chr(0x21 + n) for n in range(94)},
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    "、": ",",
    "\u3000": " ",
    "\xa0": " ",
}
"""What input methods type, and what was meant."""


def wide(text: str) -> str:
    """What to do about the first character that an input method put in place of a plain one; else empty.

    A text that is Chinese besides is meant to be, and nothing is said of its punctuation.
    """
    chinese = not all(char.isascii() or char in _PLAIN for char in text)
    found = "" if chinese else next((char for char in text if char in _PLAIN), "")
    if not found:
        return ""
    if found.isspace():
        return "a space here is no plain one: turn the input method off and type it anew"
    return f"{found} is a full-width character: turn the input method off and type {_PLAIN[found]}"


class Unusable(ConfigError, ValueError):
    """A value cannot be used. ``at`` names the key that is to blame, if the value is a mapping."""

    code = "unusable"

    def __init__(self, message: str, *, hint: str = "", at: str = "") -> None:
        super().__init__(message, hint=hint)
        self.at = at


class Fault(NamedTuple):
    """A problem before its line is looked up. ``mark`` is given where ``way`` would not lead to it."""

    way: Way
    message: str
    hint: str = ""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``line`` is 0 where the file as a whole is meant.

    ``event`` is the event's id, or ``#3`` for the third one if it has none; ``field`` is the way inside
    it, such as ``exceptions[0].on``, positions counted from 0.
    """

    file: str
    line: int
    column: int
    message: str
    event: str = ""
    field: str = ""
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        event = f"event {self.event!r}" if self.event else ""
        hint = f" (hint: {self.hint})" if self.hint else ""
        warning = "warning" if self.severity == "warning" else ""
        return ": ".join(part for part in (where, warning, event, self.field, self.message + hint) if part)


class EventsError(ConfigError):
    """The events file cannot be used. ``problems`` are in order of line; ``left_out`` counts the rest."""

    code = "events"

    def __init__(self, problems: Sequence[Problem], left_out: int = 0) -> None:
        lines = [str(problem) for problem in problems]
        if left_out:
            lines.append(f"and {left_out} more")
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)
        self.left_out = left_out
