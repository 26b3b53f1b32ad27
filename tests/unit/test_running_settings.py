from __future__ import annotations

from pathlib import Path

import pytest

from worker.settings import RUNNING, with_running

WRITTEN = "RELAYBEAT_PROVIDER_URL=http://127.0.0.1:8090\nRELAYBEAT_REDIS_URL=unix:///x.sock?db=0\nVOLC_SECRETKEY=demo\n"


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    (tmp_path / RUNNING).write_text(WRITTEN)
    return {"RELAYBEAT_STATE": str(tmp_path)}


def test_beside_a_running_up_its_ledger_and_its_provider_are_ours(state: dict[str, str]) -> None:
    found = with_running(state)
    assert found["RELAYBEAT_REDIS_URL"] == "unix:///x.sock?db=0"
    assert found["RELAYBEAT_PROVIDER_URL"] == "http://127.0.0.1:8090"


@pytest.mark.parametrize("name", ["RELAYBEAT_REDIS_URL", "RELAYBEAT_REDIS_URL_FILE"])
def test_whoever_names_a_redis_gets_nothing_of_a_running_up(state: dict[str, str], name: str) -> None:
    env = state | {name: "redis://elsewhere"}
    assert with_running(env) == env


@pytest.mark.parametrize("name", ["VOLC_SECRETKEY", "VOLC_SECRETKEY_FILE", "RELAYBEAT_PROVIDER_URL"])
def test_keys_of_a_real_account_never_meet_the_emulator_s_ledger(state: dict[str, str], name: str) -> None:
    assert "real" not in with_running(state | {name: "real"}).values()


def test_without_a_running_up_the_environment_is_all_there_is(tmp_path: Path) -> None:
    env = {"RELAYBEAT_STATE": str(tmp_path), "RELAYBEAT_QUOTA": "5"}
    assert with_running(env) == env
