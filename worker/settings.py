"""The only reader of the environment.

Every setting has a documented name (``docs/settings.md`` is held in step by a test); every secret can
also be given as the path of a file, in ``NAME_FILE``. Nothing here is logged, and secrets are wrapped so
that no ``repr`` shows them.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from worker.durations import parse_duration
from worker.errors import SettingsError

CLOUD_URL: Final = "https://live.volcengineapi.com"
RUNNING: Final = "running.env"
"""The file, in the state folder, in which `relaybeat up` tells other verbs how to reach what it runs."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account's keys. They never show in a ``repr``, and only signing reads them."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not pickled")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set from outside. Durations are whole seconds."""

    redis_url: str = field(default="", repr=False)
    provider_url: str = CLOUD_URL
    region: str = "cn-north-1"
    key_field: str = "Domain"
    credentials: Credentials | None = None
    quota: int = 10
    tick: int = 5
    horizon: int = 8 * 86_400
    settle: int = 300
    look_again: int = 5
    timeout: int = 15
    alerts: tuple[str, ...] = field(default=(), repr=False)
    webhook_secret: str = field(default="", repr=False)
    heartbeat: str = field(default="", repr=False)
    sheet: tuple[time, str] | None = None
    page_url: str = ""
    preflight: str = "public"
    log: str = "text"
    web_token: str = field(default="", repr=False)
    web_read_token: str = field(default="", repr=False)
    web_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    state_dir: Path = Path(".relaybeat")
    journal: Path = Path(".relaybeat") / "journal"

    def secrets(self) -> tuple[str, ...]:
        """Every value that must never be shown, for the redactor."""
        keys = self.credentials
        mine = (keys.access_key, keys.secret_key, keys.session_token) if keys else ()
        tokens = (self.web_token, self.web_read_token)
        ours = (self.redis_url, *tokens, self.webhook_secret, self.heartbeat)
        return tuple(value for value in (*mine, *ours, *self.alerts) if value)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, what it is for, and its default in words."""

    name: str
    meaning: str
    default: str
    secret: bool = False


VARIABLES: Final = (
    Variable(
        "RELAYBEAT_REDIS_URL",
        "The Redis that holds broker, ledger and quota: redis://, rediss://, unix:// or sentinel://",
        "the server that `relaybeat up` starts",
        secret=True,
    ),
    Variable("RELAYBEAT_PROVIDER_URL", "Where the provider's API is", CLOUD_URL),
    Variable("RELAYBEAT_REGION", "The region that requests are signed for", "cn-north-1"),
    Variable(
        "RELAYBEAT_KEY_FIELD", "The request field that names the domain: Domain, Vhost or both", "Domain"
    ),
    Variable("VOLC_ACCESSKEY", "Access key id", "none", secret=True),
    Variable("VOLC_SECRETKEY", "Secret access key", "none", secret=True),
    Variable("VOLC_SESSION_TOKEN", "Session token of temporary credentials", "none", secret=True),
    Variable("RELAYBEAT_QUOTA", "Requests a second that the account allows", "10"),
    Variable("RELAYBEAT_TICK", "Time between two ticks", "5"),
    Variable("RELAYBEAT_HORIZON", "How far ahead windows are kept in the ledger", "8d"),
    Variable("RELAYBEAT_SETTLE", "How long the provider takes to act on a change", "5m"),
    Variable(
        "RELAYBEAT_LOOK_AGAIN", "How long to wait after an unclear answer before the list is believed", "5s"
    ),
    Variable("RELAYBEAT_TIMEOUT", "Deadline for one provider call, from connecting to the last byte", "15"),
    Variable(
        "RELAYBEAT_ALERTS",
        "Where alerts go: addresses of apprise, or of webhooks, separated by spaces; see alerts.md",
        "none",
        secret=True,
    ),
    Variable("RELAYBEAT_WEBHOOK_SECRET", "What alerts to webhooks are signed with", "none", secret=True),
    Variable(
        "RELAYBEAT_HEARTBEAT",
        "An address that the watch calls every 30 seconds, so that somebody notices when it stops",
        "none",
        secret=True,
    ),
    Variable(
        "RELAYBEAT_SHEET",
        "When the daily sheet is told, and on whose clock: 09:00 Asia/Shanghai; see alerts.md",
        "none",
    ),
    Variable(
        "RELAYBEAT_PREFLIGHT",
        "Which sources the watch tries before air: public, private (those inside networks too) or off",
        "public",
    ),
    Variable("RELAYBEAT_LOG", "How processes log to stderr: text, or json, one object a line", "text"),
    Variable(
        "RELAYBEAT_PAGE_URL", "The address of the page, as people reach it, for links in alerts", "none"
    ),
    Variable(
        "RELAYBEAT_WEB_TOKEN",
        "The token that opens all of the page and the API; see access.md",
        "none",
        secret=True,
    ),
    Variable("RELAYBEAT_WEB_READ_TOKEN", "A token that opens what changes nothing", "none", secret=True),
    Variable(
        "RELAYBEAT_WEB_PROXIES",
        "Proxies in front of the page that are believed: addresses or networks, separated by spaces",
        "none",
    ),
    Variable("RELAYBEAT_STATE", "The folder in which `relaybeat up` keeps its state", ".relaybeat"),
    Variable(
        "RELAYBEAT_JOURNAL",
        "The folder in which the workers of a machine note what they send, and what people want",
        ".relaybeat/journal",
    ),
    Variable("RELAYBEAT_DEBUG", "Set to 1, errors of the command line come with a traceback", "0"),
)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the environment, completed by :func:`with_running`, or ``environ`` alone if that is given.

    Raises ``SettingsError`` naming the variable that cannot be used.
    """
    env = with_running(os.environ) if environ is None else environ
    access, secret = _secret(env, "VOLC_ACCESSKEY"), _secret(env, "VOLC_SECRETKEY")
    if bool(access) != bool(secret):
        raise SettingsError(
            "VOLC_ACCESSKEY and VOLC_SECRETKEY belong together, and only one of them is set",
            hint="set both, or neither",
        )
    state = Path(env.get("RELAYBEAT_STATE", "") or ".relaybeat")
    return Settings(
        redis_url=_secret(env, "RELAYBEAT_REDIS_URL"),
        provider_url=env.get("RELAYBEAT_PROVIDER_URL", "") or CLOUD_URL,
        region=env.get("RELAYBEAT_REGION", "") or "cn-north-1",
        key_field=_one_of(env, "RELAYBEAT_KEY_FIELD", ("Domain", "Vhost", "both")),
        credentials=Credentials(access, secret, _secret(env, "VOLC_SESSION_TOKEN")) if access else None,
        quota=_seconds(env, "RELAYBEAT_QUOTA", "10", 1, 10_000),
        tick=_seconds(env, "RELAYBEAT_TICK", "5", 1, 60),
        horizon=_seconds(env, "RELAYBEAT_HORIZON", "8d", 3_600, 366 * 86_400),
        settle=_seconds(env, "RELAYBEAT_SETTLE", "5m", 0, 86_400),
        look_again=_seconds(env, "RELAYBEAT_LOOK_AGAIN", "5s", 0, 3_600),
        timeout=_seconds(env, "RELAYBEAT_TIMEOUT", "15", 1, 60),
        alerts=tuple(_secret(env, "RELAYBEAT_ALERTS").split()),
        webhook_secret=_secret(env, "RELAYBEAT_WEBHOOK_SECRET"),
        heartbeat=_secret(env, "RELAYBEAT_HEARTBEAT"),
        sheet=_sheet(env),
        page_url=env.get("RELAYBEAT_PAGE_URL", ""),
        preflight=_one_of(env, "RELAYBEAT_PREFLIGHT", ("public", "private", "off")),
        log=_one_of(env, "RELAYBEAT_LOG", ("text", "json")),
        web_token=_secret(env, "RELAYBEAT_WEB_TOKEN"),
        web_read_token=_secret(env, "RELAYBEAT_WEB_READ_TOKEN"),
        web_proxies=tuple(_networks(env, "RELAYBEAT_WEB_PROXIES")),
        state_dir=state,
        journal=Path(env.get("RELAYBEAT_JOURNAL", "") or state / "journal"),
    )


def with_running(env: Mapping[str, str]) -> Mapping[str, str]:
    """``env``; if it names no Redis, and `relaybeat up` runs on this folder, with what that one has set.

    A ledger and the provider it speaks of belong together, so what `up` wrote down counts as a whole, and
    over ``env``. A file that is not our own is not read.
    """
    if env.get("RELAYBEAT_REDIS_URL") or env.get("RELAYBEAT_REDIS_URL_FILE"):
        return env
    path = Path(env.get("RELAYBEAT_STATE", "") or ".relaybeat") / RUNNING
    try:
        if path.stat().st_uid != os.getuid():
            return env
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return env
    running = {name: value for name, eq, value in (line.partition("=") for line in lines) if eq}
    kept = {name: value for name, value in env.items() if name.removesuffix("_FILE") not in running}
    return kept | running


def language(environ: Mapping[str, str] | None = None) -> str:
    """``zh`` in a Chinese locale, else ``en``; which variable tells the locale is POSIX's own order."""
    env = os.environ if environ is None else environ
    locale = env.get("LC_ALL", "") or env.get("LC_MESSAGES", "") or env.get("LANG", "")
    return "zh" if locale.lower().startswith("zh") else "en"


def debugging(environ: Mapping[str, str] | None = None) -> bool:
    """Whether tracebacks are wanted; raises nothing, for it is asked while another error is reported."""
    env = os.environ if environ is None else environ
    return env.get("RELAYBEAT_DEBUG", "") not in ("", "0")


def _secret(env: Mapping[str, str], name: str) -> str:
    path = env.get(f"{name}_FILE", "")
    if not path:
        return env.get(name, "").strip()
    try:
        mode = Path(path).stat().st_mode
        if mode & 0o077 and not path.startswith("/run/secrets/"):
            raise SettingsError(f"{name}_FILE can be read by others: {path}", hint=f"chmod 600 {path}")
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}_FILE cannot be read: {path}: {error}", hint="check the path") from None


def _seconds(env: Mapping[str, str], name: str, default: str, least: int, most: int) -> int:
    written = env.get(name, "") or default
    try:
        value = parse_duration(written)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}", hint=f"for example {name}={default}") from None
    if not least <= value <= most:
        raise SettingsError(
            f"{name} is {written}, which is not between {least} and {most}",
            hint=f"for example {name}={default}",
        )
    return value


def _networks(env: Mapping[str, str], name: str) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for each in env.get(name, "").split():
        try:
            yield ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise SettingsError(
                f"{name}: {each} is no address and no network", hint=f"for example {name}=10.0.0.0/8"
            ) from None


def _sheet(env: Mapping[str, str]) -> tuple[time, str] | None:
    written = env.get("RELAYBEAT_SHEET", "")
    if not written:
        return None
    clock, _, zone = written.partition(" ")
    try:
        return time.fromisoformat(clock).replace(tzinfo=None), ZoneInfo(zone).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        hint = "for example RELAYBEAT_SHEET='09:00 Asia/Shanghai'"
        raise SettingsError(f"RELAYBEAT_SHEET is {written!r}, and not a time and a zone", hint=hint) from None


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    written = env.get(name, "") or choices[0]
    if written not in choices:
        raise SettingsError(f"{name} is {written!r}", hint="one of " + ", ".join(choices))
    return written
