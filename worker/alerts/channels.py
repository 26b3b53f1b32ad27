"""Where alerts go: services by apprise, and webhooks of one's own, each message signed.

An address is a secret, for whoever has it can speak in our name: it is never shown, and a channel is
called by its service and a short hash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx

from worker.alerts.notes import Note
from worker.alerts.wording import LANGS, Lang
from worker.conditions import Level
from worker.errors import RelaybeatError, SettingsError
from worker.redact import mask_text

TIMEOUT: Final = 10.0
"""Seconds that sending one note may take."""
_HINT: Final = "such as feishu://TOKEN or https://example.com/hook; docs/alerts.md lists them"
_WISHES: Final = "info, warn or page, and zh or en, as in #page,en"


class ChannelFailed(RelaybeatError):
    """A channel did not take a note."""

    code = "channel-failed"


@dataclass(frozen=True, slots=True)
class Channel:
    """One address, the least level it wants to hear of, and in which language."""

    url: str = field(repr=False)
    level: Level
    lang: Lang

    @property
    def name(self) -> str:
        """What it is called: ``feishu-3fa2c1``."""
        return f"{urlsplit(self.url).scheme}-{hashlib.blake2s(self.url.encode(), digest_size=3).hexdigest()}"

    @property
    def is_webhook(self) -> bool:
        """Whether we speak to it ourselves."""
        return self.url.startswith(("http://", "https://"))


def parse_channels(addresses: Iterable[str], lang: Lang) -> tuple[Channel, ...]:
    """The channels that ``RELAYBEAT_ALERTS`` names.

    Each may end in ``#`` and words, separated by commas: the least level (info, warn, page), and a language
    (zh, en); else it hears of all from warn on, in ``lang``. Raises ``SettingsError``, without the address.
    """
    channels = tuple(_channel(n, word, lang) for n, word in enumerate(addresses, 1))
    for n, channel in enumerate(channels, 1):
        if channel.name in {each.name for each in channels[: n - 1]}:
            raise SettingsError(f"RELAYBEAT_ALERTS: address {n} is there twice", hint="give each once")
    return channels


def _channel(n: int, word: str, lang: Lang) -> Channel:
    url, _, wishes = word.partition("#")
    level = Level.WARN
    for wish in filter(None, wishes.split(",")):
        if wish in LANGS:
            lang = wish
        elif wish.upper() in Level.__members__:
            level = Level[wish.upper()]
        else:
            raise SettingsError(f"RELAYBEAT_ALERTS: #{wish} behind address {n} means nothing", hint=_WISHES)
    channel = Channel(url, level, lang)
    if not (_is_address(url) if channel.is_webhook else _apprise(url) is not None):
        raise SettingsError(f"RELAYBEAT_ALERTS: address {n} cannot be used", hint=_HINT)
    return channel


Send = Callable[[Channel, Note, float], None]
"""Sends a note at a time (Unix seconds). Raises :class:`ChannelFailed`."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends notes. ``secret`` signs what goes to webhooks."""

    secret: str = field(repr=False)

    def __call__(self, channel: Channel, note: Note, now: float) -> None:
        """Sends one. Raises :class:`ChannelFailed`, which names the channel and not its address."""
        if channel.is_webhook:
            self._post(channel, note, now)
        else:
            _notify(channel, note)

    def _post(self, channel: Channel, note: Note, now: float) -> None:
        body = json.dumps(_told(note), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "X-Relaybeat-Timestamp": str(int(now))}
        if self.secret:
            headers["X-Relaybeat-Signature"] = f"sha256={signature(self.secret, int(now), body)}"
        try:
            with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
                answer = client.post(channel.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ChannelFailed(f"{channel.name}: {type(error).__name__}") from None
        if not answer.is_success:
            raise ChannelFailed(f"{channel.name} answered {answer.status_code}")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over ``timestamp.body``, in hex; a receiver refuses timestamps that are minutes old."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _told(note: Note) -> dict[str, object]:
    return {
        "level": note.level.name.lower(),
        "recovered": note.recovered,
        "title": note.title,
        "text": note.text,
        "conditions": [
            {
                "kind": message.condition.kind,
                "subject": message.condition.subject,
                "cause": message.condition.cause,
                "what": message.what,
                "at": message.at,
                "since": message.since,
                "facts": _masked(message.condition.facts),
            }
            for message in note.messages
        ],
    }


def _masked(told: Any) -> Any:
    """JSON without an address in it, however deep."""
    match told:
        case str():
            return mask_text(told)
        case Mapping():
            return {name: _masked(value) for name, value in told.items()}
        case list() | tuple():
            return [_masked(value) for value in told]
    return told


def _notify(channel: Channel, note: Note) -> None:
    from apprise import Apprise, NotifyType  # noqa: PLC0415  slow to import, and not always used

    kinds = {Level.INFO: NotifyType.INFO, Level.WARN: NotifyType.WARNING, Level.PAGE: NotifyType.FAILURE}
    kind = NotifyType.SUCCESS if note.recovered else kinds[note.level]
    service = Apprise()
    service.add(channel.url)
    if not service.notify(title=note.title, body=note.text, notify_type=kind):
        raise ChannelFailed(f"{channel.name} did not take it")


def _is_address(url: str) -> bool:
    """Whether a webhook can be there: what httpx says of an address that is none shows a part of it."""
    try:
        return bool(urlsplit(url).netloc and httpx.URL(url).host)
    except (ValueError, httpx.InvalidURL):
        return False


def _apprise(url: str) -> object | None:
    from apprise import Apprise  # noqa: PLC0415

    return cast(object | None, Apprise.instantiate(url, suppress_exceptions=True))
