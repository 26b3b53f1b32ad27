"""What people are told, in their language (pure).

The English text stands in the code, and is the key under which :mod:`worker.language.chinese` has the Chinese
one. A text that has none there is said in English. Codes, JSON, logs and what is written down are never
translated: the language is English until :func:`speaking` says otherwise, for as long as one answer takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from worker.language.chinese import CHINESE

LANGUAGES: Final = ("en", "zh")

_spoken: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within, people are told in that language, one of :data:`LANGUAGES`; for this thread, or this task."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """The language that people are told in now, one of :data:`LANGUAGES`."""
    return _spoken.get()


def phrase(english: str, /, **values: object) -> str:
    """This text in the language spoken, its ``{name}`` fields filled in if there are values."""
    text = CHINESE.get(english, english) if _spoken.get() == "zh" else english
    return text.format(**values) if values else text


def clauses(*parts: str) -> str:
    """The parts that say something, as one sentence."""
    return phrase("; ").join(filter(None, parts))


def state_words(state: str) -> str:
    """A state, with what follows from it: ``planned, late``."""
    return phrase(", ").join(map(phrase, state.split(", ")))
