"""``alerts`` as the engineer on call types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.command import Said, relaybeat
from worker.conditions import Kind


@pytest.fixture
def desk(redis_url: str, weekly: Path) -> dict[str, str]:
    env = {"RELAYBEAT_REDIS_URL": redis_url}
    assert relaybeat("apply", weekly, "--yes", env=env).code == 0
    return env


def snooze(desk: dict[str, str], target: str) -> Said:
    return relaybeat("alerts", "snooze", target, "2h", "--reason", "works", env=desk)


def snoozed(desk: dict[str, str]) -> list[str]:
    said = relaybeat("alerts", "--output", "json", env=desk)
    return [each["target"] for each in json.loads(said.out)["snoozes"]]


@pytest.mark.parametrize("target", ["news", "pull.example.com", Kind.DARK.value])
def test_an_event_a_domain_and_a_kind_can_be_snoozed_and_woken(desk: dict[str, str], target: str) -> None:
    assert snooze(desk, target).code == 0
    assert snoozed(desk) == [target]
    assert relaybeat("alerts", "wake", target, env=desk).code == 0
    assert snoozed(desk) == []


def test_a_window_can_be_snoozed(desk: dict[str, str]) -> None:
    listed = relaybeat("windows", "--event", "news", "--output", "json", env=desk)
    of = json.loads(listed.out)["windows"][0]["id"]
    assert snooze(desk, of).code == 0
    assert snoozed(desk) == [of]


@pytest.mark.parametrize("slip", ["nwes", "news@20200101T000000Z"])
def test_a_slip_of_the_finger_snoozes_nothing_and_says_so(desk: dict[str, str], slip: str) -> None:
    said = snooze(desk, slip)
    assert said.code == 1
    assert slip in said.err
    assert snoozed(desk) == []
