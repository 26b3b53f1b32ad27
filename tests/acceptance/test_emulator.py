"""The emulator as a command: a process that others start, talk to, kill and start again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import RELAYBEAT, ROOT, relaybeat
from tests.contract.account import raw
from tests.support import wait_until
from worker.provider.emulator.options import DEMO_KEYS
from worker.provider.signing import VolcAuth

RELAY = {
    "Domain": "pull.example.com", "App": "live", "Stream": "news", "SrcAddrS": ["rtmp://a/live/canarykey"],
    "StartTime": 1_900_000_000, "EndTime": 1_900_003_600,
}  # fmt: skip


@contextmanager
def emulator(*args: str | Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The command on a free port, and the address that it says it has."""
    command = [*RELAYBEAT, "emulator", "--port", "0", *map(str, args)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stderr
            ready = process.stderr.readline()
            assert ready.startswith("emulator listening on http://127.0.0.1:")
            yield ready.split()[-1], process
        finally:
            process.kill()


def post(url: str, action: str, fields: object, keys: tuple[str, str] = ("", "")) -> dict[str, object]:
    auth = VolcAuth(*(keys if keys[0] else (DEMO_KEYS.access_key, DEMO_KEYS.secret_key)))
    with httpx.Client(auth=auth, trust_env=False) as http:
        answer = http.post(url, params={"Action": action, "Version": "2023-01-01"}, json=fields).json()
    assert isinstance(answer, dict)
    return answer


def logged(url: str) -> bool:
    return bool(httpx.get(f"{url}/_emulator/log", trust_env=False).json()["lines"])


def streams(url: str) -> list[str]:
    configs = httpx.get(f"{url}/_emulator/state", trust_env=False).json()["configs"]
    return [config["stream"] for config in configs]


def test_relays_survive_the_death_of_the_process(tmp_path: Path) -> None:
    kept = ("--state", tmp_path / "state.json", "--log", tmp_path / "log.jsonl")
    with emulator(*kept) as (url, process):
        task = post(url, "CreateRelaySourceV4", RELAY)["Result"]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with emulator(*kept) as (url, _):
        assert streams(url) == ["news"]
        assert post(url, "CreateRelaySourceV4", RELAY | {"Stream": "other"})["Result"] != task
    actions = [json.loads(line)["action"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert actions == ["CreateRelaySourceV4"] * 2


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_even_while_a_client_hangs(how: signal.Signals) -> None:
    hanging = ("ListRelaySourceV4", {"Domain": "pull.example.com"})
    with emulator("--fault", "hang") as (url, process), raw(url, *hanging):
        wait_until(lambda: logged(url))
        process.send_signal(how)
        assert process.wait(10) == 0


def test_options_reach_the_emulator() -> None:
    options = (
        "--duplicate", "append", "--quota", "3", "--throttle-status", "200", "--settle", "0",
        "--list-lag", "0", "--effect-lag", "0", "--clock-skew", "0", "--expire", "--times", "string",
        "--seed", "4", "--fault", "Delete:503", "--access-key", "AK", "--secret-key", "SK",
        "--domain", "pull.example.com=v.example.com",
    )  # fmt: skip
    with emulator(*options) as (url, _):
        for _ in range(2):
            assert "Result" in post(url, "CreateRelaySourceV4", RELAY, ("AK", "SK"))
        row = post(url, "ListRelaySourceV4", RELAY, ("AK", "SK"))["Result"]["List"][0]  # type: ignore[index]
        assert (row["StartTime"], row["Vhost"]) == ("1900000000", "v.example.com")
        answer = post(url, "ListRelaySourceV4", RELAY, ("AK", "SK"))["ResponseMetadata"]
        assert answer["Error"]["Code"] == "AccountFlowLimitExceeded"  # type: ignore[index]


@pytest.mark.parametrize(
    ("args", "code", "why"),
    [
        (["--fault", "nonsense"], 1, "is no kind of fault"),
        (["--fault", "504:60%", "--fault", "500:60%"], 1, "more than 100%"),
        (["--access-key", "AK"], 2, "belong together"),
        (["--duplicate", "maybe"], 2, "--duplicate"),
        (["--state", "/nowhere/state.json"], 1, "/nowhere/state.json"),
        (["--log", "/nowhere/log.jsonl"], 1, "/nowhere/log.jsonl"),
    ],
)
def test_what_cannot_work_is_said_before_it_listens(args: list[str], code: int, why: str) -> None:
    said = relaybeat("emulator", "--port", "0", *args)
    assert (said.code, why in said.err, "Traceback" in said.err) == (code, True, False)


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with emulator() as (url, _):
        said = relaybeat("emulator", "--port", url.rpartition(":")[2])
    assert (said.code, "cannot listen on" in said.err, "hint: choose another --port" in said.err) == (
        1,
        True,
        True,
    )


def test_keys_of_ones_own_are_never_shown(tmp_path: Path) -> None:
    with emulator("--access-key", "AKcanary", "--secret-key", "SKcanary", "--log", tmp_path / "log") as (
        url,
        process,
    ):
        post(url, "CreateRelaySourceV4", RELAY, ("AKcanary", "SKcanary"))
        post(url, "CreateRelaySourceV4", RELAY, ("AKother", "SKcanary"))
        process.terminate()
        process.wait()
        assert process.stderr
        assert "canary" not in process.stderr.read() + (tmp_path / "log").read_text()
