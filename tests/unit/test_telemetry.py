"""What a log line holds, and what never gets into one."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from worker import telemetry
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


def test_of_the_address_of_an_alert_nothing_is_left() -> None:
    said = line("relaybeat", "feishu://tOkEn-1#page does not answer", secrets=("feishu://tOkEn-1#page",))
    assert "token-1" not in said.lower()


def test_nobody_writes_a_line_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    telemetry.say(
        "alert.sent", title="News\r\n09:00:00 INFO window.placed window=x\x1b[2K\u202e", why="节目 改期"
    )
    said = Redacting().format(told(caplog))
    assert len(said.splitlines()) == 1
    assert said.endswith(
        'title="News\\r\\n09:00:00 INFO window.placed window=x\\x1b[2K\\u202e" why="节目 改期"'
    )


def as_json(record: logging.LogRecord, secrets: tuple[str, ...] = ()) -> dict[str, object]:
    said = Redacting(secrets, json=True).format(record)
    assert len(said.splitlines()) == 1
    return dict(json.loads(said))


def told(caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    (record,) = caplog.records
    return record


def test_as_json_a_line_is_its_action_and_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    telemetry.warn("window.missed", window="news@20261123T120000Z", tries=3, title="新闻联播")
    said = as_json(told(caplog))
    assert (said["action"], said["level"], said["tries"], said["title"]) == (
        "window.missed",
        "warning",
        3,
        "新闻联播",
    )
    assert str(said["at"]).endswith("+00:00")


def test_as_json_no_secret_gets_through_however_it_is_written(caplog: pytest.LogCaptureFixture) -> None:
    telemetry.warn("attempt.call", why='pass"word at rtmp://user:pw-1@a.example.com/live/key-1')
    said = str(as_json(told(caplog), ('pass"word',)))
    assert not [secret for secret in ("pw-1", "key-1", 'pass"word') if secret in said]


def test_as_json_what_a_library_says_is_one_line_too() -> None:
    record = logging.LogRecord("kombu.connection", logging.ERROR, "", 0, "lost:\n%s", ("more",), None)
    assert as_json(record)["message"] == "lost:"
