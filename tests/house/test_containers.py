"""The container files, as far as they can be judged without an engine."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.cli import VERBS
from worker.cli.health import DEADLINE
from worker.durations import parse_duration
from worker.settings import VARIABLES, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name in SERVICES if name != "redis"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_runs_with_the_least_that_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not str(service["user"]).startswith(("0", "root"))


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_restarted_and_watched(name: str) -> None:
    assert SERVICES[name]["restart"] == "always"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_redis_loses_nothing_and_evicts_nothing() -> None:
    words = shlex.split(SERVICES["redis"]["command"])
    told = dict(zip(words[1::2], words[2::2], strict=True))
    assert told == {
        "--save": "",
        "--appendonly": "yes",
        "--appendfsync": "always",
        "--no-appendfsync-on-rewrite": "no",
        "--aof-load-truncated": "yes",
        "--auto-aof-rewrite-min-size": "64mb",
        "--maxmemory-policy": "noeviction",
    }
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]


def test_what_a_worker_remembers_outlives_its_container() -> None:
    worker = SERVICES["worker"]
    (volume,) = worker["volumes"]
    name, _, folder = volume.partition(":")
    assert name in COMPOSE["volumes"]
    assert Path(worker["environment"]["RELAYBEAT_JOURNAL"]).parent == Path(folder)
    assert f"--owner 10001 --group 10001 {folder}\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_redis_is_reachable_by_our_containers_alone() -> None:
    assert SERVICES["redis"]["networks"] == ["ledger"]
    assert COMPOSE["networks"]["ledger"] == {"internal": True}
    assert "ports" not in SERVICES["redis"]


@pytest.mark.parametrize("name", ["beat", "worker"])
def test_one_of_each_may_die(name: str) -> None:
    assert SERVICES[name]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", ["beat", "worker"])
def test_what_is_stuck_is_killed_from_inside_and_so_is_not_process_1(name: str) -> None:
    """The engine restarts a container that ends, not one that is unhealthy."""
    service = SERVICES[name]
    assert service["healthcheck"]["test"] == ["CMD", "relaybeat", "health", name, "--end"]
    assert service["init"] and service["command"][0] == name and service["restart"] == "always"
    assert parse_duration(service["healthcheck"]["timeout"]) > DEADLINE


def test_the_watch_is_there_when_redis_is_not_and_can_tell_so() -> None:
    watch = SERVICES["watch"]
    assert watch["depends_on"] == {"redis": {"condition": "service_started"}}
    assert "outside" in watch["networks"]
    assert {"RELAYBEAT_ALERTS_FILE", "RELAYBEAT_HEARTBEAT_FILE"} <= watch["environment"].keys()


def test_a_watch_that_remembers_what_it_told_is_not_killed_for_being_silent() -> None:
    watch = SERVICES["watch"]
    assert watch["healthcheck"]["test"] == ["CMD", "relaybeat", "health", "watch"]
    assert parse_duration(watch["stop_grace_period"]) > 10


def test_a_worker_may_end_the_call_it_is_in() -> None:
    grace = parse_duration(SERVICES["worker"]["stop_grace_period"])
    assert grace >= Settings().timeout + 10


@pytest.mark.parametrize("name", OURS)
def test_commands_settings_and_health_checks_exist(name: str) -> None:
    service = SERVICES[name]
    assert service["command"][0] in VERBS
    known = {variable.name for variable in VARIABLES}
    assert {each.removesuffix("_FILE") for each in service["environment"]} <= known
    check = service["healthcheck"]["test"]
    assert check[1] == "python" or (check[1] == "relaybeat" and check[2] in VERBS)


@pytest.mark.parametrize("name", OURS)
def test_secrets_come_as_files_only_and_only_to_who_needs_them(name: str) -> None:
    service = SERVICES[name]
    secret = {v.name for v in VARIABLES if v.secret} - {"RELAYBEAT_REDIS_URL"}
    assert not secret & set(service["environment"])
    paths = {
        v.removeprefix("/run/secrets/") for k, v in service["environment"].items() if k.endswith("_FILE")
    }
    assert paths == set(service.get("secrets", []))


def test_the_page_is_published_on_this_machine_only() -> None:
    assert [port for name in SERVICES for port in SERVICES[name].get("ports", [])] == ["127.0.0.1:8080:8080"]


def test_the_image_is_pinned_by_hash_built_apart_and_not_run_by_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    final = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    assert any("--require-hashes" in line for line in lines)
    assert not any("pip install" in line for line in final)
    assert any(line.startswith("USER 1") for line in final)


def test_everything_the_image_is_made_of_gets_into_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = set()
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY") and "--from" not in line:
            copied |= {Path(each).parts[0] for each in line.split()[1:-1]}
    assert copied == let_in
    assert all((ROOT / each).exists() for each in let_in)
