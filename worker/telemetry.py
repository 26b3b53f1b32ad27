"""What Relaybeat says of itself while it works: one line an occurrence, each with a stable word.

The words (``window.placed``, ``attempt.call`` ...) are for machines to match and do not change; the facts
after them are ``name=value``, or fields of JSON. Every handler set up here masks addresses and known secrets,
whoever logs.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from json import dumps
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
    _tell(logging.INFO, action, {name: value for name, value in facts.items() if value not in ("", None, 0)})


def warn(action: str, **facts: object) -> None:
    """One line at level WARNING."""
    _tell(logging.WARNING, action, {name: value for name, value in facts.items() if value not in ("", None)})


def _tell(level: int, action: str, facts: dict[str, object]) -> None:
    told = " ".join(f"{name}={_shown(value)}" for name, value in facts.items())
    _LOG.log(level, "%s %s", action, told, extra={"action": action, "facts": facts})


def _shown(value: object) -> str:
    """On one line: what people and providers wrote must not look like a line of ours."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
    return f'"{text}"' if " " in text else text


def _brief(record: logging.LogRecord) -> logging.LogRecord:
    """The same with its first line alone: that Redis is away needs no traceback, every tick anew."""
    first = record.getMessage().partition("\n")[0]
    return logging.LogRecord(record.name, record.levelno, "", 0, first, None, None)


class Redacting(logging.Formatter):
    """A formatter after which no secret is left: not in the message, its arguments, or a traceback.

    With ``json``, each line is one object: ``at`` (ISO 8601, UTC), ``level``, ``action``, and the facts under
    their own names; what libraries say has ``message`` and ``logger`` instead.
    """

    def __init__(self, secrets: Iterable[str] = (), *, json: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        self._json = json
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked."""
        if record.name.startswith(_TRANSPORT):
            record = _brief(record)
        return self._as_json(record) if self._json else self._masked(super().format(record))

    def _as_json(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {"at": at, "level": record.levelname.lower()}
        facts: dict[str, object] = getattr(record, "facts", {})
        if facts or hasattr(record, "action"):
            told |= {"action": getattr(record, "action", "")} | facts
        else:
            told |= {"message": record.getMessage(), "logger": record.name}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        # Masked one by one: a secret with a quote in it would look otherwise once it is JSON.
        return dumps({name: self._plain(value) for name, value in told.items()}, ensure_ascii=False)

    def _plain(self, value: object) -> object:
        return value if isinstance(value, int | float) else self._masked(str(value))

    def _masked(self, text: str) -> str:
        return mask_text(text, self._secrets)


def start_logging(secrets: Iterable[str] = (), *, level: int = logging.INFO, json: bool = False) -> None:
    """Logs to stderr, through the one redactor. Libraries that log requests are kept at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets, json=json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
