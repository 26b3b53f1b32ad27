"""What can be done to a station. Each fault begins, lasts, and ends; the storm keeps the time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.station import Station

NOTICED = 15.0
"""Seconds for which a connection that died in silence counts as an outage: ten until a client gives it up."""
READY = 3.0
"""Seconds that a process needs from its start to its first work."""


@dataclass
class Fault:
    """One fault on something; two never have the same ``hold`` at once.

    ``seconds``: how long it lasts. ``down``: which roles cannot work meanwhile, for ``aftermath`` seconds
    longer than it lasts.
    """

    on: str
    seconds: float = 0.0
    aftermath = 0.0
    loses_memory = False

    @property
    def what(self) -> str:
        return type(self).__name__.lower()

    @property
    def hold(self) -> str:
        """What it takes hold of."""
        return self.on

    @property
    def down(self) -> tuple[str, ...]:
        return (self.on,)

    @property
    def told(self) -> dict[str, object]:
        """What else is worth a word in the storm's journal."""
        return {}

    def begin(self, station: Station) -> None:
        raise NotImplementedError

    def end(self, station: Station) -> None:
        """Undoes what has to be undone."""


class Kill(Fault):
    """``kill -9``; started again when it ends."""

    aftermath = READY

    def begin(self, station: Station) -> None:
        station.kill(self.on)

    def end(self, station: Station) -> None:
        station.revive(self.on)


class Freeze(Fault):
    """SIGSTOP, then SIGCONT."""

    def begin(self, station: Station) -> None:
        station.freeze(self.on)

    def end(self, station: Station) -> None:
        station.thaw(self.on)


@dataclass
class _Link(Fault):
    share: float = 1.0
    seed: int = 0
    struck: int = 0

    @property
    def hold(self) -> str:
        return f"link to {self.on}"

    @property
    def told(self) -> dict[str, object]:
        return {"connections": self.struck, "share": self.share}


class Cut(_Link):
    """Established connections are black-holed for good; new ones work."""

    aftermath = NOTICED

    def begin(self, station: Station) -> None:
        self.struck = station.link(self.on).cut(self.share, random.Random(self.seed))


class Reset(_Link):
    """Established connections are reset."""

    aftermath = 1.0

    def begin(self, station: Station) -> None:
        self.struck = station.link(self.on).reset(self.share, random.Random(self.seed))


class Hole(Fault):
    """Nothing gets through, old or new; in the end what was sent arrives."""

    aftermath = 1.0

    @property
    def hold(self) -> str:
        return f"link to {self.on}"

    def begin(self, station: Station) -> None:
        station.link(self.on).hold()

    def end(self, station: Station) -> None:
        station.link(self.on).release()


class Flush(Fault):
    """FLUSHALL: Redis lives on and knows nothing. Nobody applies anything again."""

    loses_memory = True

    def begin(self, station: Station) -> None:
        with station.redis_client() as client:
            client.flushall()


@dataclass
class Truncate(Fault):
    """Redis is killed, the end of its file cut off, and Redis started again: its last writes never were."""

    size: int = 4_096
    lost: int = 0
    aftermath = READY
    loses_memory = True

    @property
    def told(self) -> dict[str, object]:
        return {"bytes_lost": self.lost}

    def begin(self, station: Station) -> None:
        station.kill("redis")
        file = _newest_increment(station.redis.folder)
        length = file.stat().st_size
        self.lost = min(self.size, length)
        with file.open("r+b") as opened:
            opened.truncate(length - self.lost)

    def end(self, station: Station) -> None:
        station.revive("redis")


@dataclass
class _Clock(Fault):
    skew: int = 0

    @property
    def hold(self) -> str:
        return f"clock of {self.on}"

    @property
    def down(self) -> tuple[str, ...]:
        return ()

    @property
    def told(self) -> dict[str, object]:
        return {"skew": self.skew}


class ProviderClock(_Clock):
    """The provider's clock is wrong by ``skew`` seconds for a while."""

    def begin(self, station: Station) -> None:
        station.tell_provider("clock", Skew=self.skew)

    def end(self, station: Station) -> None:
        station.tell_provider("clock", Skew=0)


class WorkerClock(_Clock):
    """The clock of the one worker that runs under libfaketime is wrong by ``skew`` seconds for a while."""

    def begin(self, station: Station) -> None:
        station.clock_file.write_text(f"{self.skew:+d}s\n", encoding="utf-8")

    def end(self, station: Station) -> None:
        station.clock_file.write_text("+0s\n", encoding="utf-8")


def _newest_increment(folder: Path) -> Path:
    """The file that Redis appends to."""
    files = (folder / "appendonlydir").glob("*.incr.aof")
    return max(files, key=lambda path: path.stat().st_mtime)
