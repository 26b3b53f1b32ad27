"""Errands go on whatever one of them does, and end when they are told to."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.origins import page, serving
from tests.support import wait_until
from worker.duties.heartbeat import Heartbeat
from worker.embedded import free_port
from worker.errors import LedgerUnavailable, Unreachable
from worker.watch import Errand, Judged, Looking, Watch


@dataclass
class Task:
    """An errand that does what the test says, as often as it can."""

    name: str
    act: Callable[[], object] = int
    every: float = 0.01
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        self.act()


@dataclass
class Clock:
    """A stopwatch that can be told that time has passed."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Hang:
    """Something that does not come to an end until the test does."""

    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> None:
        self.over.wait(60)


@pytest.fixture
def hang() -> Iterator[Hang]:
    found = Hang()
    yield found
    found.over.set()


@contextmanager
def running(*errands: Errand) -> Iterator[tuple[Watch, Clock]]:
    clock = Clock()
    watch = Watch(errands, clock)
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield watch, clock
    finally:
        watch.end()
        thread.join(30)
    assert not thread.is_alive()


def fail() -> None:
    raise RuntimeError("a bug")


def test_each_errand_goes_at_its_own_pace_until_the_end() -> None:
    brisk, slow = Task("brisk"), Task("slow", every=600)
    with running(brisk, slow):
        wait_until(lambda: brisk.steps > 5)
    assert slow.steps == 1
    assert brisk.steps > 5


@pytest.mark.parametrize("error", [RuntimeError("a bug"), LedgerUnavailable("gone"), Unreachable("no way")])
def test_an_errand_that_fails_is_tried_again_and_stops_no_other(error: Exception) -> None:
    def act() -> None:
        raise error

    failing, well = Task("failing", act), Task("well")
    with running(failing, well):
        wait_until(lambda: failing.steps > 3 and well.steps > 3)


def test_an_errand_that_hangs_stops_no_other_and_is_late(hang: Hang) -> None:
    hanging, well = Task("hanging", hang), Task("well")
    with running(hanging, well) as (watch, clock):
        wait_until(lambda: well.steps > 3)
        assert watch.late() == []
        clock.ahead = 120
        wait_until(lambda: watch.late() == ["hanging"])
        hang.over.set()
        wait_until(lambda: watch.late() == [])


def test_while_an_errand_hangs_no_heartbeat_says_that_all_is_well(
    hang: Hang, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[bytes] = []

    def answer(sock: socket.socket) -> None:
        calls.append(sock.recv(65_536))
        sock.sendall(page())

    with serving(answer) as port, running(Task("hanging", hang), Task("well")) as (watch, clock):
        heartbeat = Heartbeat(f"http://127.0.0.1:{port}/ping", watch.late)
        heartbeat.step()
        clock.ahead = 120
        wait_until(lambda: watch.late() == ["hanging"])
        heartbeat.step()
        assert "watch.hangs errands=hanging" in caplog.text
        hang.over.set()
        wait_until(lambda: watch.late() == [])
        heartbeat.step()
    assert [call.split()[1] for call in calls] == [b"/ping"] * 2


def test_a_heartbeat_that_nobody_takes_is_said_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    Heartbeat(f"http://127.0.0.1:{free_port()}/secret", list).step()
    assert "heartbeat.unheard" in caplog.text
    assert "secret" not in caplog.text


def test_an_errand_that_only_stumbles_is_late_as_well() -> None:
    with running(Task("broken", fail), Task("well")) as (watch, clock):
        clock.ahead = 120
        wait_until(lambda: watch.late() == ["broken"])


def test_one_that_is_refused_by_others_is_not_late() -> None:
    def refused() -> None:
        raise Unreachable("no way")

    task = Task("blind", refused)
    with running(task) as (watch, clock):
        clock.ahead = 120
        steps = task.steps
        wait_until(lambda: task.steps > steps + 1)
        assert watch.late() == []


def test_a_bug_is_said_with_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    task = Task("broken", fail)
    with caplog.at_level(logging.WARNING), running(task):
        wait_until(lambda: task.steps > 1)
    assert "watch.stumbled" in caplog.text
    assert "RuntimeError: a bug" in caplog.text


def test_at_the_end_what_hangs_is_left_behind_and_named(hang: Hang) -> None:
    watch = Watch([Task("hanging", hang), Task("well")], time.monotonic)
    threading.Timer(0.1, watch.end).start()
    assert watch.run() == ["hanging"]


@dataclass
class Glance:
    """A duty that finds what the test says."""

    found: Judged
    name: str = "glance"
    every: float = 5.0

    def look(self, _: float) -> Judged:
        return self.found


@pytest.mark.parametrize(("found", "noted"), [({"air": []}, 1), ({}, 0)])
def test_what_a_look_found_is_noted_with_its_time(found: Judged, noted: int) -> None:
    notes: list[tuple[Judged, float]] = []
    Looking(Glance(found), lambda: 1_000.0, lambda *note: notes.append(note)).step()
    assert notes == [(found, 1_000.0)] * noted
