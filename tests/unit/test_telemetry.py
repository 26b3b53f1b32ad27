"""What a log line holds, and what never gets into one."""

from __future__ import annotations

import logging
import sys

import pytest

from worker.telemetry import Redacting


def fail() -> None:
    raise ConnectionError("no way to rtmp://user:pw-1@a.example.com/live/key-1")


def line(name: str, message: str, *args: object, secrets: tuple[str, ...] = ()) -> str:
    """What is written for an error of this logger, logged while an exception is handled."""
    try:
        fail()
    except ConnectionError:
        record = logging.LogRecord(name, logging.ERROR, "", 0, message, args, sys.exc_info())
    return Redacting(secrets).format(record)


def test_an_error_of_ours_comes_with_its_traceback() -> None:
    assert "Traceback" in line("relaybeat", "unexpected")


@pytest.mark.parametrize("name", ["celery.beat", "celery.worker.consumer.consumer", "kombu.connection"])
def test_a_broken_connection_is_one_line(name: str) -> None:
    said = line(name, "Message Error: %s\n%s", "Redis is away", ["  File ...\n"])
    assert said.endswith("ERROR   Message Error: Redis is away")
    assert len(said.splitlines()) == 1


def test_neither_addresses_nor_secrets_reach_a_log() -> None:
    said = line("relaybeat", "the key is %s", "AKLT-1", secrets=("AKLT-1",))
    assert not [secret for secret in ("pw-1", "key-1", "AKLT-1") if secret in said]
