"""What people say, written down: overrides of windows, pauses of events. Each is one script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, cast

from redis import Redis

from worker.events.model import Event
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact, dump_override, parse_override
from worker.ledger.keys import Keys
from worker.ledger.plans import window_args
from worker.ledger.records import Change, EventRecord, WindowRecord
from worker.overrides import Override, Pause, Programme, with_added
from worker.renaming import reading_of
from worker.windows import Window

Outcome = Literal["cancelled", "planned", "hurried", "forgotten"]
"""What a word does to a window: off, placed by what is wanted now, tried at once, or as if nobody had ever
spoken of it: nothing says anything of it any more, and it lies beyond what is planned."""

_BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says of a window: what becomes of it, and how it is wanted from now on.

    ``override`` is all that holds for the window afterwards, ``None`` if it is as the file has it.
    ``change`` is its line in the history.
    """

    to: Outcome
    window: Window
    override: Override | None
    change: Change


@dataclass(frozen=True, slots=True)
class Overrides:
    """People's words. A word is spoken to the ledger as it was read; if it moved since, nothing is done."""

    redis: Redis
    keys: Keys

    def programmes(self, events: Iterable[Event]) -> Iterator[Programme]:
        """Each event with what people said of it, in their order."""
        wanted = list(events)
        for i in range(0, len(wanted), _BATCH):
            batch = wanted[i : i + _BATCH]
            with reachable():
                told = cast(list[int], self.redis.smismember(self.keys.overruled, [e.id for e in batch]))
            found = iter(self._told([e.id for e, any_ in zip(batch, told, strict=True) if any_]))
            yield from (
                _programme(e, *next(found)) if any_ else Programme(e)
                for e, any_ in zip(batch, told, strict=True)
            )

    def _told(self, ids: Sequence[str]) -> list[tuple[list[str | None], dict[str, str]]]:
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            for event_id in ids:
                pipe.hmget(self.keys.event(event_id), "said", "paused")
                pipe.hgetall(self.keys.overrides(event_id))
            answers = pipe.execute()
        return list(zip(answers[::2], answers[1::2], strict=True))

    def pauses(self) -> dict[str, Pause]:
        """The events that people paused."""
        with reachable():
            ids = sorted(cast(set[str], self.redis.smembers(self.keys.overruled)))
            with self.redis.pipeline(transaction=False) as pipe:
                for event_id in ids:
                    pipe.hget(self.keys.event(event_id), "paused")
                texts = pipe.execute()
        return {each: Pause(**json.loads(text)) for each, text in zip(ids, texts, strict=True) if text}

    def say(self, word: Word, of: EventRecord, programme: Programme, known: WindowRecord | None) -> bool:
        """Does it, if event, words and window still are as they were read here; says whether."""
        window, change = word.window, word.change
        told = "" if word.override is None else dump_override(_read_by(known, word.override, window))
        args: list[Any] = [self.keys.prefix, change.at, window.event, of.digest, _said(programme), window.id]
        args += [known.revision, known.state] if known else ["", ""]
        args += [word.to, told, change.why, change.line(), *window_args(window, max(window.due_at, 0))]
        with reachable():
            return bool(load_script(self.redis, "intent.lua", "windows.lua", "say.lua")(args=args))

    def pause(self, event_id: str, was: Pause | None, pause: Pause | None, change: Change) -> bool:
        """Pauses an event, or with ``None`` resumes it, if it is paused as it was read; says whether.

        Its windows follow when it is planned next.
        """
        args: list[Any] = [
            self.keys.prefix,
            change.at,
            event_id,
            _dump_pause(was),
            _dump_pause(pause),
            change.line(),
        ]
        with reachable():
            return bool(load_script(self.redis, "intent.lua", "windows.lua", "pause.lua")(args=args))


def _read_by(known: WindowRecord | None, told: Override, window: Window) -> Override:
    """The word with its night's reading, by whoever planned it."""
    if told.reading is not None:
        return told
    planned = known.reading if known else None
    return replace(told, reading=reading_of(window.id, window.timezone) if planned is None else planned)


def _dump_pause(pause: Pause | None) -> str:
    return "" if pause is None else compact(asdict(pause))


def _said(programme: Programme) -> int | str:
    return "" if programme.said is None else programme.said


def _programme(event: Event, counted: Sequence[str | None], told: dict[str, str]) -> Programme:
    said, paused = counted
    overrides = {each: parse_override(each, text) for each, text in told.items()}
    return Programme(
        with_added(event, overrides.values()),
        overrides,
        Pause(**json.loads(paused)) if paused else None,
        int(said) if said is not None else None,
    )
