"""What people said and still holds over a file, as ``plan`` and ``apply`` print it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from worker.cli.output import say
from worker.drafts.standing import count, in_words
from worker.language import phrase
from worker.overrides import Programme

_MOST_SAID: Final = 50


def say_standing(programmes: Sequence[Programme], *, show_secrets: bool = False) -> None:
    """What stays as people said, whatever the file says, with how the file would say it."""
    for each in islice(in_words(programmes, show_secrets=show_secrets), _MOST_SAID):
        say(each.sentence)
        for line in each.write:
            say(f"  {line}")
        if each.masked:
            say(f"  {phrase('sources are masked here; --show-secrets shows them whole')}")
    if (more := count(programmes) - _MOST_SAID) > 0:
        say(phrase("and {n} more: --output json lists all", n=more))
