"""What a machine remembers on its own disk, for the day when the ledger forgets.

Two things that nothing else can tell: which writes were sent to the provider, because its list names no
owner, and what people want, because their words are said once. Every line is on disk before it counts.

The rule of Relaybeat is that what is planned goes on air. So a journal that cannot be written is told about,
once, and the work goes on without it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Final, NamedTuple

from worker import telemetry
from worker.decide import Verb
from worker.ledger.codec import compact
from worker.relay import Relay, Row, Slot

MONTHS_KEPT: Final = 2
"""Months before the one under way whose writes are kept: no relay is older that may still be there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A write that is about to be sent, at ``at`` (Unix seconds by the ledger's clock), for a window.

    ``relay`` is what the slot holds afterwards, ``None`` for a delete. ``fence`` is that of the lease.
    """

    at: float
    window: str
    slot: Slot
    verb: Verb
    relay: Relay | None
    fence: int


class Place(NamedTuple):
    """A place between two lines: a file's name, and bytes from its start."""

    file: str = ""
    offset: int = 0


BEGINNING: Final = Place()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What people wanted of a ledger when its stamp of intent was ``stamp``; one text for each event.

    The texts are read while they are asked for, once.
    """

    stamp: float
    texts: Iterator[str]


class Journal:
    """The folder of one machine. All its processes share it; safe in many threads and after a fork.

    ``provider`` is the URL of the provider: what was sent to another is none of this one's business. No
    method raises an ``OSError``: what cannot be written or read is warned of, and then is not there.
    """

    def __init__(self, folder: Path, provider: str) -> None:
        self.folder = folder
        self._provider = provider
        self._silent = False

    def trouble(self) -> str:
        """Why nothing can be written down, or empty text; tries nothing."""
        there = next(
            path for path in (self.folder.absolute(), *self.folder.absolute().parents) if path.exists()
        )
        if not there.is_dir():
            return f"{there} is not a folder"
        return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written to"

    def write(self, entry: Entry) -> None:
        """Adds a line; it is on disk when this returns."""
        with self._spoken():
            self._append(f"writes-{_month(entry.at)}.jsonl", _line(entry, self._provider))
            self._silent = False

    def end(self) -> Place:
        """Where the next line will be written."""
        with self._spoken():
            if files := self._files():
                return Place(files[-1], (self.folder / files[-1]).stat().st_size)
        return BEGINNING

    def entries(self, since: float, after: Place = BEGINNING) -> Iterator[Entry]:
        """The writes to this provider from ``since`` on (Unix seconds), behind a place that :meth:`end` told.

        A torn line is left out: it was not on disk, so its write was not sent.
        """
        oldest = max(after.file, f"writes-{_month(since)}.jsonl")
        with self._spoken():
            for name in (name for name in self._files() if name >= oldest):
                with (self.folder / name).open("rb") as lines:
                    lines.seek(after.offset if name == after.file else 0)
                    found = (_entry(line, self._provider) for line in lines)
                    yield from (entry for entry in found if entry and entry.at >= since)

    def keep(self, ledger: str, snapshot: Snapshot) -> None:
        """Replaces the snapshot of this ledger, whole or not at all; its texts are written as they come."""
        head = compact({"ledger": ledger, "stamp": snapshot.stamp})
        with self._spoken():
            self._replace(_named("intent", ledger), chain([head], snapshot.texts))

    def kept(self, ledger: str) -> Snapshot | None:
        """The snapshot of this ledger, if there is one whose head can be read."""
        with self._spoken(), suppress(FileNotFoundError):
            lines = _lines(self.folder / _named("intent", ledger))
            match json.loads(next(lines, "")):
                case {"stamp": float() | int() as stamp}:
                    return Snapshot(stamp, lines)
            raise ValueError("the snapshot of what people want has no head")
        return None

    def mark(self, ledger: str, epoch: str, place: Place) -> None:
        """Notes that this life of the ledger has been told everything before a place."""
        with self._spoken():
            self._replace(self._mark_of(ledger), [compact([epoch, *place])])

    def marked(self, ledger: str, epoch: str) -> Place:
        """The place up to which this life of the ledger has been told everything."""
        with self._spoken(), suppress(FileNotFoundError):
            known, file, offset = json.loads((self.folder / self._mark_of(ledger)).read_text("utf-8"))
            if known == epoch:
                return Place(file, offset)
        return BEGINNING

    def _mark_of(self, ledger: str) -> str:
        return _named("told", f"{ledger} {self._provider}")

    def _files(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("writes-*.jsonl"))

    def _append(self, name: str, line: str) -> None:
        """One ``write`` a line, so that lines of many processes do not mix.

        It begins the line too: after one that was torn, by a full disk or a power cut, the next is whole.
        """
        _make(self.folder)
        file = os.open(self.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(file).st_size == 0:
                _flush(self.folder)  # before the first line, so that whoever finds one need not wonder
                self._forget_before(name)
            data = f"\n{line}".encode()
            if os.write(file, data) != len(data):
                raise OSError("the disk took a part of a line and no more")
            os.fsync(file)
        finally:
            os.close(file)

    def _forget_before(self, name: str) -> None:
        for old in [file for file in self._files() if file < name][:-MONTHS_KEPT]:
            (self.folder / old).unlink(missing_ok=True)

    def _replace(self, name: str, lines: Iterable[str]) -> None:
        """Whoever comes while another process is at it leaves it to that one."""
        _make(self.folder)
        path, new = self.folder / name, self.folder / f"{name}.new"
        with _private(self.folder / f"{name}.lock") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with _private(new) as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            _flush(self.folder)

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Tells of a disk that refuses, but not of every line that it refuses."""
        try:
            yield
        except (OSError, ValueError) as error:
            if not self._silent:
                telemetry.warn("journal.broken", folder=self.folder, why=error, then="going on without it")
            self._silent = True


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _flush(folder.parent)


def _flush(folder: Path) -> None:
    """Puts the names in a folder on disk: of a new file, its content alone would not survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _private(path: Path) -> IO[str]:
    """A new file that its owner alone can read."""
    return open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))


def _month(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m}"


def _named(kind: str, ledger: str) -> str:
    """A file's name for a ledger, whatever its own name is made of."""
    return f"{kind}-{hashlib.sha256(ledger.encode()).hexdigest()[:16]}.jsonl"


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        yield from (line.rstrip("\n") for line in lines)


def _line(entry: Entry, provider: str) -> str:
    slot, relay = entry.slot, entry.relay
    told = asdict(entry) | {"slot": [slot.domain, slot.app, slot.stream], "provider": provider}
    if relay:
        row = relay.as_row()
        told["relay"] = {"sources": row.sources, "start": row.start, "end": row.end}
    return compact(told)


def _entry(line: bytes, provider: str) -> Entry | None:
    try:
        told = json.loads(line)
        if told.pop("provider") != provider:
            return None
        slot, relay = Slot(*told["slot"]), told["relay"]
        if relay:
            relay = Row(slot, tuple(relay["sources"]), relay["start"], relay["end"]).as_relay()
        return Entry(**(told | {"slot": slot, "relay": relay}))
    except (ValueError, KeyError, TypeError, AttributeError):  # blank, torn, or none of ours
        return None
