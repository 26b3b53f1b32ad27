from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from worker.supervisor import NotStarted, Role, Supervisor

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


class Stage:
    """A supervisor, and what was said on it."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.supervisor = Supervisor(lambda name, line: self.said.append((name, line)))

    def role(self, name: str, script: str, **more: object) -> Role:
        said = more.pop("until", "")
        return Role(
            name,
            (sys.executable, "-c", f"import os; print('pid', os.getpid(), flush=True); {script}"),
            os.environ,
            ready=lambda lines: not said or said in lines,
            **more,
        )

    def pids(self, name: str) -> list[int]:
        return [int(line.removeprefix("pid ")) for who, line in self.said if who == name and "pid" in line]

    async def until(self, condition: Callable[[], object], timeout: float = 20.0) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                await asyncio.sleep(0.02)


def on_stage(play: Callable[[Stage], Awaitable[None]]) -> Stage:
    stage = Stage()

    async def run() -> None:
        try:
            await play(stage)
        finally:
            await stage.supervisor.end()

    asyncio.run(run())
    return stage


def test_lines_come_with_the_name_of_who_said_them() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", SLEEPS, until="up"))

    assert ("one", "up") in on_stage(play).said


def test_one_that_is_killed_is_started_again_and_that_is_said() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", SLEEPS, until="up"))
        os.kill(stage.pids("one")[0], signal.SIGKILL)
        await stage.until(lambda: len(stage.pids("one")) == 2)

    said = [line for _, line in on_stage(play).said]
    assert any("was ended by SIGKILL; starting again" in line for line in said)


def test_one_that_is_stuck_is_killed_and_started_again_and_that_is_said() -> None:
    async def play(stage: Stage) -> None:
        def stuck(pid: int) -> str:
            return "shows nothing" if pid == stage.pids("one")[0] else ""

        await stage.supervisor.start(stage.role("one", STUBBORN, until="up", stuck=stuck))
        await stage.until(lambda: len(stage.pids("one")) == 2)

    said = [line for who, line in on_stage(play).said if who == "one"]
    assert said.index("shows nothing") < said.index("was ended by SIGKILL; starting again in 0.5 s")


def test_one_that_cannot_start_fails_the_whole_in_its_own_last_words() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", "raise SystemExit('no such file')", until="never"))

    with pytest.raises(NotStarted, match="one ended with code 1: no such file"):
        on_stage(play)


def test_one_that_does_not_get_ready_fails_the_whole_and_leaves_nothing() -> None:
    pids: list[int] = []

    async def play(stage: Stage) -> None:
        try:
            await stage.supervisor.start(stage.role("one", SLEEPS, until="never", patience=0.5))
        finally:
            pids.extend(stage.pids("one"))

    with pytest.raises(NotStarted, match=r"not ready within 0\.5 s: up"):
        on_stage(play)
    assert pids and not any(map(psutil.pid_exists, pids))


def test_they_end_in_the_reverse_order_of_their_start() -> None:
    farewell = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit()))\n"
        "print('up', flush=True); time.sleep(600)"
    )

    async def play(stage: Stage) -> None:
        for name in ("one", "two", "three"):
            await stage.supervisor.start(stage.role(name, f"exec({farewell!r})", until="up"))

    assert [who for who, line in on_stage(play).said if line == "bye"] == ["three", "two", "one"]


def test_one_that_does_not_end_is_killed_after_its_grace() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", STUBBORN, until="up", grace=0.3))

    stage = on_stage(play)
    assert ("one", "did not end in time, and was killed") in stage.said
    assert not psutil.pid_exists(stage.pids("one")[0])


def test_in_a_hurry_nobody_waits_for_the_grace() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", STUBBORN, until="up", grace=600))
        stage.supervisor.hurry()

    assert not psutil.pid_exists(on_stage(play).pids("one")[0])


def test_a_frozen_one_is_ended_too() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", SLEEPS, until="up", grace=600))
        os.kill(stage.pids("one")[0], signal.SIGSTOP)

    assert not psutil.pid_exists(on_stage(play).pids("one")[0])


def test_what_a_dead_one_started_does_not_live_on() -> None:
    async def play(stage: Stage) -> None:
        child = "import subprocess, time; print('pid', subprocess.Popen(['sleep', '600']).pid, flush=True)"
        await stage.supervisor.start(stage.role("one", f"{child}; {SLEEPS}", until="up"))
        own, started = stage.pids("one")
        os.kill(own, signal.SIGKILL)
        await stage.until(lambda: not psutil.pid_exists(started))

    on_stage(play)


def test_a_command_that_fails_is_an_error() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.run(stage.role("apply", "raise SystemExit(3)"))

    with pytest.raises(NotStarted, match="apply ended with code 3"):
        on_stage(play)


def test_a_line_without_end_is_left_out_and_the_rest_still_heard() -> None:
    async def play(stage: Stage) -> None:
        await stage.supervisor.start(stage.role("one", f"print('x' * 5_000_000); {SLEEPS}", until="up"))

    said = [line for _, line in on_stage(play).said]
    assert "up" in said and max(map(len, said)) < 2**20


def test_output_can_go_to_a_file_of_its_own(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        log = tmp_path / "log"
        await stage.supervisor.start(stage.role("one", SLEEPS, log=log))
        await stage.until(lambda: "up" in log.read_text())

    assert on_stage(play).said == []
