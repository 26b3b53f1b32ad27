"""What Relaybeat says of itself while it works: one line an occurrence, each with a stable word.

The words (``window.placed``, ``attempt.call`` ...) are for machines to match and do not change; the facts
after them are ``name=value``. Every handler set up here masks addresses and known secrets, whoever logs.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Final

from worker.redact import mask_text

_CHATTY: Final = (
    "asyncio",
    "celery.app.trace",
    "celery.beat",
    "celery.worker.request",
    "celery.worker.strategy",
    "httpcore",
    "httpx",
)
_TRANSPORT: Final = ("celery.beat", "celery.worker.consumer", "kombu", "py.warnings")
"""Who tells of a broken connection, at length."""
_LOG: Final = logging.getLogger("relaybeat")


def say(action: str, **facts: object) -> None:
    """One line at level INFO; facts that are empty are left out."""
    told = " ".join(f"{name}={_shown(value)}" for name, value in facts.items() if value not in ("", None, 0))
    _LOG.info("%s %s", action, told)


def warn(action: str, **facts: object) -> None:
    """One line at level WARNING."""
    told = " ".join(f"{name}={_shown(value)}" for name, value in facts.items() if value not in ("", None))
    _LOG.warning("%s %s", action, told)


def _shown(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text


def _brief(record: logging.LogRecord) -> logging.LogRecord:
    """The same with its first line alone: that Redis is away needs no traceback, every tick anew."""
    first = record.getMessage().partition("\n")[0]
    return logging.LogRecord(record.name, record.levelno, "", 0, first, None, None)


class Redacting(logging.Formatter):
    """A formatter after which no secret is left: not in the message, its arguments, or a traceback."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked."""
        if record.name.startswith(_TRANSPORT):
            record = _brief(record)
        text = mask_text(super().format(record))
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def start_logging(secrets: Iterable[str] = (), *, level: int = logging.INFO) -> None:
    """Logs to stderr, through the one redactor. Libraries that log requests are kept at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
