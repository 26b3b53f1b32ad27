"""Every setting: its default, what it takes, what it refuses by name, and what it never shows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from worker.errors import SettingsError
from worker.settings import RUNNING, VARIABLES, Credentials, Settings, debugging, load_settings

KEYS = {"VOLC_ACCESSKEY": "AKLTcanary", "VOLC_SECRETKEY": "secretcanary"}
SECRETS = [variable.name for variable in VARIABLES if variable.secret]

WRITTEN: list[tuple[str, str, Callable[[Settings], Any], Any, Any]] = [
    ("RELAYBEAT_REDIS_URL", "redis://h/1", lambda s: s.redis_url, "redis://h/1", ""),
    ("RELAYBEAT_PROVIDER_URL", "http://127.0.0.1:9", lambda s: s.provider_url, "http://127.0.0.1:9",
     "https://live.volcengineapi.com"),
    ("RELAYBEAT_REGION", "ap-singapore-1", lambda s: s.region, "ap-singapore-1", "cn-north-1"),
    ("RELAYBEAT_KEY_FIELD", "both", lambda s: s.key_field, "both", "Domain"),
    ("RELAYBEAT_QUOTA", "8", lambda s: s.quota, 8, 10),
    ("RELAYBEAT_TICK", "2s", lambda s: s.tick, 2, 5),
    ("RELAYBEAT_HORIZON", "2d", lambda s: s.horizon, 172_800, 691_200),
    ("RELAYBEAT_SETTLE", "3m", lambda s: s.settle, 180, 300),
    ("RELAYBEAT_LOOK_AGAIN", "7s", lambda s: s.look_again, 7, 5),
    ("RELAYBEAT_TIMEOUT", "20", lambda s: s.timeout, 20, 15),
    ("RELAYBEAT_ALERTS", "json://a json://b", lambda s: s.alerts, ("json://a", "json://b"), ()),
    ("RELAYBEAT_WEBHOOK_SECRET", "w", lambda s: s.webhook_secret, "w", ""),
    ("RELAYBEAT_HEARTBEAT", "https://h.test/x", lambda s: s.heartbeat, "https://h.test/x", ""),
    ("RELAYBEAT_PREFLIGHT", "private", lambda s: s.preflight, "private", "public"),
    ("RELAYBEAT_SHEET", "09:00 Asia/Shanghai", lambda s: s.sheet, (time(9), "Asia/Shanghai"), None),
    ("RELAYBEAT_LOG", "json", lambda s: s.log, "json", "text"),
    ("RELAYBEAT_PAGE_URL", "https://desk.test/", lambda s: s.page_url, "https://desk.test/", ""),
    ("RELAYBEAT_WEB_TOKEN", "t", lambda s: s.web_token, "t", ""),
    ("RELAYBEAT_WEB_READ_TOKEN", "r", lambda s: s.web_read_token, "r", ""),
    ("RELAYBEAT_WEB_PROXIES", "10.0.0.1 fd00::/8", lambda s: [str(n) for n in s.web_proxies],
     ["10.0.0.1/32", "fd00::/8"], []),
    ("RELAYBEAT_STATE", "/var/lib/x", lambda s: s.state_dir, Path("/var/lib/x"), Path(".relaybeat")),
    ("RELAYBEAT_JOURNAL", "/var/lib/j", lambda s: s.journal, Path("/var/lib/j"), Path(".relaybeat/journal")),
]  # fmt: skip


def secret_file(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "secret"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    ("name", "text", "read", "value", "default"), WRITTEN, ids=[row[0] for row in WRITTEN]
)
def test_a_variable_is_read_and_has_its_documented_default(
    name: str, text: str, read: Callable[[Settings], Any], value: Any, default: Any
) -> None:
    assert read(load_settings({name: text})) == value
    assert read(load_settings({})) == read(load_settings({name: ""})) == default


def test_the_journal_is_in_the_state_folder_unless_it_is_told_another() -> None:
    assert load_settings({"RELAYBEAT_STATE": "/var/lib/x"}).journal == Path("/var/lib/x/journal")


def test_the_table_of_variables_is_complete() -> None:
    elsewhere = {"VOLC_ACCESSKEY", "VOLC_SECRETKEY", "VOLC_SESSION_TOKEN", "RELAYBEAT_DEBUG"}
    assert {variable.name for variable in VARIABLES} == {row[0] for row in WRITTEN} | elsewhere


def test_the_defaults_of_the_table_are_the_real_ones() -> None:
    named = {variable.name: variable.default for variable in VARIABLES}
    for name, _, read, _, default in WRITTEN:
        if name not in SECRETS and named[name] != "none":
            assert read(load_settings({name: named[name]})) == default


def test_keys_are_read_together() -> None:
    keys = load_settings(KEYS | {"VOLC_SESSION_TOKEN": "tokencanary"}).credentials
    assert keys == Credentials("AKLTcanary", "secretcanary", "tokencanary")


def test_without_keys_there_are_no_credentials() -> None:
    assert load_settings({"VOLC_SESSION_TOKEN": "left over"}).credentials is None


@pytest.mark.parametrize("name", KEYS)
def test_half_a_pair_of_keys_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match="VOLC_ACCESSKEY and VOLC_SECRETKEY"):
        load_settings({name: "canary"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RELAYBEAT_QUOTA", "0"), ("RELAYBEAT_QUOTA", "-1"), ("RELAYBEAT_QUOTA", "many"),
        ("RELAYBEAT_TICK", "0"), ("RELAYBEAT_TICK", "61"), ("RELAYBEAT_TICK", "1.5"),
        ("RELAYBEAT_HORIZON", "59m"), ("RELAYBEAT_HORIZON", "367d"), ("RELAYBEAT_SETTLE", "2d"),
        ("RELAYBEAT_LOOK_AGAIN", "2h"), ("RELAYBEAT_TIMEOUT", "0"), ("RELAYBEAT_TIMEOUT", "61"),
        ("RELAYBEAT_KEY_FIELD", "domain"), ("RELAYBEAT_KEY_FIELD", "Domain,Vhost"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused_by_name_and_with_a_hint(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings({name: text})
    assert text in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_be_given_as_a_file(name: str, tmp_path: Path) -> None:
    path = secret_file(tmp_path, "canary\n")
    given = {f"{key}_FILE": path for key in {name} | (KEYS.keys() if name.startswith("VOLC_") else set())}
    assert "canary" in load_settings(given).secrets()


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_secret_file_that_others_can_read_is_refused_by_name(name: str, mode: int, tmp_path: Path) -> None:
    path = secret_file(tmp_path, "canary", mode)
    with pytest.raises(SettingsError, match=f"{name}_FILE") as caught:
        load_settings(KEYS | {f"{name}_FILE": path})
    assert path in caught.value.hint
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_file_that_is_not_there_is_refused_by_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"{name}_FILE"):
        load_settings(KEYS | {f"{name}_FILE": str(tmp_path / "missing")})


def test_a_secret_file_that_is_no_text_is_refused_without_being_shown(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"canary\xff")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="RELAYBEAT_WEB_TOKEN_FILE") as caught:
        load_settings({"RELAYBEAT_WEB_TOKEN_FILE": str(path)})
    assert "canary" not in str(caught.value)


def test_nothing_secret_shows_in_a_repr() -> None:
    given = {name: f"redis://:canary@{name}" for name in SECRETS}
    settings = load_settings(given)
    assert "canary" not in f"{settings!r} {settings} {settings.credentials!r} {settings.credentials}"


def test_the_redactor_is_told_every_secret() -> None:
    given = {name: f"{name}-canary" for name in SECRETS}
    assert set(load_settings(given).secrets()) == set(given.values())


def test_keys_cannot_leave_the_process_as_a_pickle() -> None:
    keys = Credentials("AKLTcanary", "secretcanary")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(keys)
    with pytest.raises(TypeError, match="not pickled"):
        copy.copy(keys)


def running(folder: Path) -> dict[str, str]:
    (folder / RUNNING).write_text("RELAYBEAT_REDIS_URL=unix:///run/up.sock\nRELAYBEAT_QUOTA=7\n")
    return {"RELAYBEAT_STATE": str(folder)}


def load_with(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> Settings:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_what_up_runs_is_found_by_other_verbs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load_with(monkeypatch, running(tmp_path) | {"RELAYBEAT_QUOTA": "3", "RELAYBEAT_TICK": "4"})
    assert (settings.redis_url, settings.quota, settings.tick) == ("unix:///run/up.sock", 7, 4)


def test_a_redis_that_is_named_counts_over_what_up_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_with(monkeypatch, running(tmp_path) | {"RELAYBEAT_REDIS_URL": "redis://mine"})
    assert (settings.redis_url, settings.quota) == ("redis://mine", 10)


def test_an_environment_that_is_passed_counts_alone(tmp_path: Path) -> None:
    assert load_settings(running(tmp_path)).redis_url == ""


@pytest.mark.parametrize(("text", "wanted"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_tracebacks_are_shown_on_request_only(text: str, wanted: bool) -> None:
    assert debugging({"RELAYBEAT_DEBUG": text}) is wanted


@pytest.mark.parametrize(
    "written", ["09:00", "9 Asia/Shanghai", "25:00 UTC", "09:00 Mars/Base", "09:00 ../etc/passwd"]
)
def test_a_sheet_without_a_time_and_a_zone_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(SettingsError, match="RELAYBEAT_SHEET") as refused:
        load_settings({"RELAYBEAT_SHEET": written})
    assert "09:00 Asia/Shanghai" in refused.value.hint
