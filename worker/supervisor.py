"""Keeps child processes running: readiness in order, output with a name before it, restarts, and an end.

A child is in its own session, so that Ctrl-C reaches us alone and we can end things in order; on Linux it
is killed when we are. A child that cannot start fails the whole; a child that dies later is started again.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from worker.embedded import die_with_parent
from worker.errors import RelaybeatError

Say = Callable[[str, str], None]
"""Takes a role's name and one line that it, or we about it, have to say."""

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_STEADY: Final = 60.0  # seconds of life after which a death counts as the first again
_LONGEST_LINE: Final = 1 << 20
_KEPT_LINES: Final = 20
_LOOKS: Final = 0.05  # seconds between two looks at a child
_WATCHES: Final = 5.0  # seconds between two questions whether it is stuck


class NotStarted(RelaybeatError):
    """A process did not start."""

    code = "not-started"


@dataclass(frozen=True, slots=True)
class Role:
    """One process. ``ready`` is asked with the lines it has said; ``patience`` and ``grace`` are seconds.

    ``patience`` is how long it may take to get ready, ``grace`` how long to end. What it says goes to
    ``log`` if that is given, else to ``Say``. ``stuck`` is asked now and then, on a thread, with its process
    id: if it says why that one is stuck, the process is killed and started again.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[Sequence[str]], bool] = lambda _: True
    patience: float = 60.0
    grace: float = 5.0
    pass_fds: tuple[int, ...] = ()
    log: Path | None = None
    stuck: Callable[[int], str] = lambda _: ""


@dataclass(slots=True)
class _Child:
    """A role and its present process."""

    role: Role
    say: Say
    ending: asyncio.Event
    hurry: asyncio.Event
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))
    process: asyncio.subprocess.Process | None = None
    pump: asyncio.Task[None] | None = None
    since: float = 0.0

    async def launch(self) -> None:
        self.lines.clear()
        log = self.role.log.open("ab") if self.role.log else None
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self.role.command,
                env=dict(self.role.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log or asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=_LONGEST_LINE,
                start_new_session=True,
                pass_fds=self.role.pass_fds,
                preexec_fn=die_with_parent(),
            )
        finally:
            if log:
                log.close()
        self.since = asyncio.get_running_loop().time()
        self.pump = asyncio.create_task(self._pump(self.process.stdout)) if self.process.stdout else None

    async def _pump(self, output: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await output.readline()
            except ValueError:
                line = b"(a line too long to show)\n"
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            self.lines.append(text)
            self.say(self.role.name, text)

    async def until_ready(self) -> None:
        """Returns once it is ready. Raises ``NotStarted`` if it ends first, or is not within its patience."""
        assert self.process
        give_up = self.since + self.role.patience
        while not self.role.ready(self.lines):
            if self.process.returncode is not None:
                await self.clear_up()
                raise NotStarted(f"{self.role.name} {_ended(self.process.returncode)}{self._last_words()}")
            if asyncio.get_running_loop().time() > give_up:
                waited = f"{self.role.patience:g} s"
                raise NotStarted(f"{self.role.name} was not ready within {waited}{self._last_words()}")
            await asyncio.sleep(_LOOKS)

    async def keep(self) -> None:
        """Starts it again whenever it ends, after a growing pause, until it is told to end."""
        pause = _FIRST_PAUSE
        while await self._lives():
            assert self.process
            lived = asyncio.get_running_loop().time() - self.since
            pause = _FIRST_PAUSE if lived > _STEADY else pause
            self.say(self.role.name, f"{_ended(self.process.returncode)}; starting again in {pause:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), pause)
                return
            pause = min(2 * pause, _LONGEST_PAUSE)
            try:
                await self.launch()
            except OSError as error:
                self.say(self.role.name, f"cannot be started: {error}")

    async def _lives(self) -> bool:
        """Waits for its end or for ours; true if it ended by itself, or was stuck."""
        assert self.process
        await _first(self.exited(), self.ending.wait(), self._stuck())
        if self.ending.is_set():
            await self.end()
            return False
        await self.clear_up()
        return True

    async def _stuck(self) -> None:
        """Returns once it is stuck: it lives, and would not heed SIGTERM either."""
        assert self.process
        while not (why := await asyncio.to_thread(self.role.stuck, self.process.pid)):
            await asyncio.sleep(_WATCHES)
        self.say(self.role.name, why)

    async def end(self) -> None:
        """SIGTERM, and SIGKILL after the grace, or at once in a hurry. Fine if it has ended already."""
        if self.process is None:
            return
        if self.process.returncode is None:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.role.grace):
                    await _first(self.exited(), self.hurry.wait())
        if self.process.returncode is None:
            self.say(self.role.name, "did not end in time, and was killed")
        await self.clear_up()

    async def exited(self) -> int:
        """Waits for its end and returns its code.

        Not ``Process.wait``: until Python 3.12.4 that one also waits for whoever else holds its output.
        """
        assert self.process
        while self.process.returncode is None:
            await asyncio.sleep(_LOOKS)
        return self.process.returncode

    async def clear_up(self) -> None:
        """Leaves nothing of its process group, and nothing unsaid."""
        assert self.process
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.exited()
        if self.pump:
            await asyncio.wait({self.pump}, timeout=1.0)

    def _last_words(self) -> str:
        lines = list(self.lines)
        if self.role.log and self.role.log.exists():
            lines = self.role.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return f": {lines[-1].strip()}" if lines else ""


class Supervisor:
    """Children in the order of their start; they end in the reverse order."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._hurry = asyncio.Event()
        self._children: list[tuple[_Child, asyncio.Task[None] | None]] = []

    async def start(self, role: Role) -> None:
        """Starts a child, waits until it is ready and keeps it running. Raises ``NotStarted``."""
        child = _Child(role, self._say, asyncio.Event(), self._hurry)
        await child.launch()
        self._children.append((child, None))
        await child.until_ready()
        self._children[-1] = (child, asyncio.create_task(child.keep()))

    async def run(self, role: Role) -> None:
        """Runs a child to its end. Raises ``NotStarted`` if it fails."""
        child = _Child(role, self._say, asyncio.Event(), self._hurry)
        await child.launch()
        assert child.process
        try:
            code = await child.exited()
        finally:
            await child.end()
        if code:
            raise NotStarted(f"{role.name} {_ended(code)}")

    def hurry(self) -> None:
        """Whatever is ending, or will, is killed at once."""
        self._hurry.set()

    async def end(self) -> None:
        """Ends all children, the last one first, and returns when none is left."""
        while self._children:
            child, keeper = self._children.pop()
            child.ending.set()
            await (keeper or child.end())


def _ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with code {code}"
    return f"was ended by {signal.Signals(-code).name}"


async def _first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Returns when the first of them is done; the others are given up."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
