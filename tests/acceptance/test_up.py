"""``relaybeat up`` as a person runs it: started in a folder, watched, killed, ended, started again."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import wait_until
from worker.provider.emulator.options import DEMO_KEYS
from worker.provider.emulator.server import serving

ROOT = Path(__file__).parents[2]
PLAN = """\
version: 1
defaults: {timezone: Asia/Shanghai, domain: pull.example.com, app: live}
events:
  - {id: news, title: News, cron: "0 * * * *", duration: 20m, stream: news, sources: [rtmp://a.example.com/live/key-7]}
"""


class Machine:
    """One ``relaybeat up`` in a folder of its own, and what it says."""

    def __init__(self, folder: Path, *words: str, **settings: str) -> None:
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RELAYBEAT_TICK": "1"}
        command = [sys.executable, "-m", "worker", "up", "--port", str(_unused_port()), *words]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=self.environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def says(self, *words: str, timeout: float = 60.0) -> str:
        """Waits for a line with all these words in it."""

        def heard() -> str:
            return next((line for line in self.lines if all(word in line for word in words)), "")

        try:
            return wait_until(heard, timeout)
        except AssertionError:
            raise AssertionError(f"never said {words}:\n{''.join(self.lines)}") from None

    def roles(self) -> dict[str, psutil.Process]:
        """What runs now, by its name."""
        names = ("emulator", "worker", "beat", "watch", "web")
        found = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with_words = child.cmdline()
            name = next((name for name in names if with_words[4:5] == [name]), "redis")
            found[name] = child
        return found

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ends it this way; returns its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(60)
        self._listener.join(5)
        return code

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another verb in the same folder, with nothing set."""
        command = [sys.executable, "-m", "worker", *words]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def windows(self, state: str) -> list[dict[str, Any]]:
        said = self.run("windows", "--state", state, "--output", "json")
        return json.loads(said.stdout)["windows"]

    def creates(self) -> list[dict[str, Any]]:
        """The relays that the emulator was made to create."""
        log = (self.folder / ".relaybeat/emulator/log.jsonl").read_text().splitlines()
        requests = [json.loads(line) for line in log]
        return [each for each in requests if each.get("action") == "CreateRelaySourceV4" and each["applied"]]


@contextmanager
def running(folder: Path, *words: str, **settings: str) -> Iterator[Machine]:
    machine = Machine(folder, *words, **settings)
    try:
        yield machine
    finally:
        machine.end(signal.SIGKILL)
        assert machine.process.stdout
        machine.process.stdout.close()


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(processes: dict[str, psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes.values())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a show's folder"
    folder.mkdir()
    (folder / "events.yaml").write_text(PLAN)
    return folder


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One that runs, for everything that leaves it as it is."""
    folder = tmp_path_factory.mktemp("up")
    (folder / "events.yaml").write_text(PLAN)
    with running(folder, "events.yaml") as machine:
        machine.says("everything runs")
        yield machine


def test_the_first_line_says_where_the_page_is_and_the_page_answers(machine: Machine) -> None:
    name, address = machine.lines[0].split()
    assert name == "page"
    with urllib.request.urlopen(f"{address}healthz", timeout=5) as answer:
        assert answer.status == 200


def test_who_may_read_the_folder_has_the_token_and_it_is_never_said(machine: Machine) -> None:
    path = Path(machine.says("token").partition(" in ")[2].partition("  (")[0])
    token = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    assert token not in "".join(machine.lines) + (machine.folder / ".relaybeat/running.env").read_text()
    machine.says("everything runs")
    address = f"{machine.lines[0].split()[1]}sign-in"
    fields = urllib.parse.urlencode({"name": "Ada", "token": token, "next": "/healthz"}).encode()
    with urllib.request.urlopen(address, fields, timeout=5) as answer:
        assert answer.url.endswith("/healthz")


def test_within_seconds_the_next_window_is_placed_at_the_emulator(machine: Machine) -> None:
    placed = wait_until(lambda: machine.windows("placed"), 30)
    assert [(w["start"], w["end"]) for w in placed] == [(c["start"], c["end"]) for c in machine.creates()]


def test_the_page_has_something_to_show_of_the_example_within_seconds(folder: Path) -> None:
    with running(folder, str(ROOT / "examples" / "events.yaml")) as machine:
        machine.says("everything runs")
        address = machine.lines[0].split()[1]

        def served() -> list[str]:
            with urllib.request.urlopen(address, timeout=5) as page:
                return re.findall(r'aria-label="[^"]+, (placed|on air)"', page.read().decode())

        wait_until(lambda: len(served()) >= 4 and "on air" in served(), 30)


def test_every_line_says_which_part_speaks_and_holds_no_colour_for_a_machine(machine: Machine) -> None:
    machine.says("worker", "placed")
    introduced = {"page", "token", "plan", "provider", "redis", "state", "look", "Ctrl-C"}
    speaking = {"up", "apply", "worker", "beat", "watch", "web", "emulator", "redis"}
    assert {line.partition(" ")[0] for line in machine.lines} <= introduced | speaking
    assert not [line for line in machine.lines if "\x1b" in line]


def test_no_secret_of_a_source_is_said(machine: Machine) -> None:
    wait_until(lambda: machine.windows("placed"), 30)
    assert "key-7" not in "".join(machine.lines)


def test_a_second_one_on_the_same_folder_says_so_and_leaves_the_first_alone(machine: Machine) -> None:
    roles = machine.roles()
    second = machine.run("up")
    assert second.returncode == 1
    assert f"process {machine.process.pid}, page {machine.lines[0].split()[1]}" in second.stderr
    assert machine.roles() == roles


@pytest.mark.parametrize("name", ["redis", "worker", "emulator"])
def test_a_part_that_is_killed_is_started_again_and_work_goes_on(machine: Machine, name: str) -> None:
    before = machine.roles()[name]
    before.kill()
    machine.says(name, "was ended by SIGKILL; starting again")
    wait_until(lambda: machine.roles().get(name, before) != before)
    wait_until(lambda: machine.run("doctor", "--only", "beat and workers").returncode == 0, 45)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_it_leaves_no_process_behind(folder: Path, how: signal.Signals) -> None:
    with running(folder, "events.yaml") as machine:
        machine.says("everything runs")
        roles = machine.roles()
        assert roles.keys() == {"redis", "emulator", "worker", "beat", "watch", "web"}
        assert machine.end(how) == 0
        assert gone(roles)
        assert not (folder / ".relaybeat/running.env").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_killed_it_leaves_no_process_behind_and_what_it_held_is_found_again(folder: Path) -> None:
    with running(folder, "events.yaml") as machine:
        machine.says("everything runs")
        placed = wait_until(lambda: machine.windows("placed"), 30)
        roles = machine.roles()
        machine.end(signal.SIGKILL)
        wait_until(lambda: gone(roles))
    with running(folder) as machine:
        machine.says("everything runs")
        assert machine.windows("placed")[0]["task_id"] == placed[0]["task_id"]
        machine.says("worker", "ready")
    assert len(machine.creates()) == len(placed)


def test_ended_while_it_starts_it_leaves_no_process_behind(folder: Path) -> None:
    with running(folder, "events.yaml") as machine:
        machine.says("emulator |")
        roles = machine.roles()
        machine.end()
        assert gone(roles)


def test_a_file_with_problems_is_told_and_nothing_starts(folder: Path) -> None:
    (folder / "events.yaml").write_text(PLAN.replace("cron:", "corn:"))
    with running(folder, "events.yaml") as machine:
        assert machine.process.wait(30) == 1
        machine.says("events.yaml:4", "corn")
    assert not (folder / ".relaybeat").exists()


def test_live_needs_keys_and_says_so_before_anything_starts(folder: Path) -> None:
    with running(folder, "events.yaml", "--live") as machine:
        machine.says("error:", "--live needs", "VOLC_ACCESSKEY")
        assert machine.process.wait(30) == 1
    assert not (folder / ".relaybeat").exists()


def test_live_speaks_to_the_provider_that_is_set_and_keeps_a_ledger_of_its_own(folder: Path) -> None:
    keys = {"VOLC_ACCESSKEY": DEMO_KEYS.access_key, "VOLC_SECRETKEY": DEMO_KEYS.secret_key}
    with (
        serving() as provider,
        running(folder, "events.yaml", "--live", RELAYBEAT_PROVIDER_URL=provider, **keys) as machine,
    ):
        machine.says("worker", "window.placed")
        assert "emulator" not in machine.roles()
        seen = "".join(machine.lines) + (folder / ".relaybeat/running.env").read_text()
        assert DEMO_KEYS.secret_key not in seen + str([p.cmdline() for p in machine.roles().values()])
    assert (folder / ".relaybeat/live/redis").exists()
    assert not (folder / ".relaybeat/redis").exists()


def test_when_a_part_cannot_start_the_reason_is_told_and_the_rest_ended(folder: Path) -> None:
    nowhere = f"redis://127.0.0.1:{_unused_port()}/0"
    with running(folder, "events.yaml", RELAYBEAT_REDIS_URL=nowhere) as machine:
        machine.says("apply", "error:")
        machine.says("error: apply ended with code 1")
        assert machine.process.wait(60) == 1


def test_a_taken_port_is_left_to_who_has_it(folder: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        running(folder, "--port", str(taken.getsockname()[1])) as it,
    ):
        address = it.says("page").split()[1]
        assert str(taken.getsockname()[1]) not in address
        it.says("everything runs")
