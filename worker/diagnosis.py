"""What ``doctor`` looks at. Each finding says what was found, and what to do if it is not well."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from worker.almanac import SOON, UPGRADE, years_ahead
from worker.changeover import AWAY
from worker.conditions import Kind
from worker.errors import LedgerError, ProviderError, SettingsError
from worker.health import ROLES, Role, Sign, patience, signs
from worker.ledger import Ledger
from worker.lifecycle import State
from worker.redact import mask_source
from worker.reports import described, late, troubled
from worker.runtime import Runtime
from worker.turns import Lane, Turn

MOST_SKEW: Final = 5.0
"""Seconds that clocks may differ without a word; windows are placed by Redis's clock, signed by ours."""
DAY: Final = 86_400
MOST_NAMED: Final = 5
"""Relays in the way of ours that are told of one by one."""
_SEE_DRIFT: Final = "relaybeat drift shows them"

_PROVIDER_DOWN: Final = "the provider is in trouble, or the way to it is; nothing is lost, and tries go on"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Literal["ok", "warn", "fail"]
    words: str
    hint: str = ""

    def view(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


def examine(runtime: Runtime, only: Collection[str] = ()) -> Iterator[Finding]:
    """Looks at one thing after the other; what cannot be looked at is a finding too, never an error.

    ``only`` names the things of :data:`LOOKS` to look at; all of them if it is empty.
    """
    for what, look in LOOKS.items():
        if only and what not in only:
            continue
        try:
            yield from look(runtime)
        except (LedgerError, ProviderError, SettingsError) as error:
            down = isinstance(error, ProviderError) and error.unclear
            yield Finding(what, "fail", str(error), _PROVIDER_DOWN if down else error.hint)


def _settings(runtime: Runtime) -> Iterator[Finding]:
    settings = runtime.settings
    yield Finding(
        "settings",
        "ok",
        f"quota {settings.quota}/s, tick {settings.tick} s, provider {settings.provider_url}",
    )


def _redis(runtime: Runtime) -> Iterator[Finding]:
    now = runtime.ledger.now()
    skew = time.time() - now
    yield Finding("redis", "ok", f"answers at {_place(runtime.settings.redis_url)}")
    yield _of_clock("redis clock", skew)
    yield from _durability(runtime.ledger)


def _place(redis_url: str) -> str:
    parts = urlsplit(redis_url)
    return parts.path if parts.scheme == "unix" else mask_source(redis_url)


def _durability(ledger: Ledger) -> Iterator[Finding]:
    config = ledger.server_config("appendonly", "appendfsync", "maxmemory-policy")
    if not config:
        yield Finding(
            "redis durability",
            "warn",
            "its configuration cannot be read",
            "ask whoever runs it: appendonly yes, appendfsync always",
        )
        return
    durable = config.get("appendonly") == "yes" and config.get("appendfsync") == "always"
    words = f"appendonly {config.get('appendonly')}, appendfsync {config.get('appendfsync')}"
    yield Finding(
        "redis durability",
        "ok" if durable else "warn",
        words,
        ""
        if durable
        else "a power cut would lose what was just recorded: appendonly yes, appendfsync always",
    )
    policy = config.get("maxmemory-policy", "")
    kept = policy == "noeviction"
    yield Finding(
        "redis eviction",
        "ok" if kept else "fail",
        policy,
        "" if kept else "Redis would delete the ledger when it is full: maxmemory-policy noeviction",
    )


def _progress(runtime: Runtime) -> Iterator[Finding]:
    now, tick = runtime.ledger.now(), runtime.settings.tick
    ticked = max(runtime.ledger.seen("tick").values(), default=0.0)
    fresh = now - ticked <= max(3 * tick, 15)
    words = f"the last one {now - ticked:.0f} s ago" if ticked else "none yet"
    yield Finding("ticks", "ok" if fresh else "fail", words, "" if fresh else "they need a beat and a worker")
    found, within = signs(runtime.ledger), patience(runtime.settings)
    for role in ROLES:
        yield _of_role(role, [sign for sign in found if sign.role == role], within)


def _of_role(role: Role, found: list[Sign], within: float) -> Finding:
    """A silent process on a host where another makes progress was killed, and has been replaced."""
    recent = [sign for sign in found if sign.age <= within]
    hosts = {sign.host for sign in recent}
    silent = [sign for sign in found if sign.age > within and sign.host not in hosts]
    words = ", ".join(f"{sign.name} {sign.age:.0f} s ago" for sign in recent) or "none makes progress"
    words += "".join(f"; {sign.name} silent for {sign.age:.0f} s" for sign in silent)
    if not recent:
        return Finding(f"{role}s", "fail", words, f"is `relaybeat {role}` running?")
    hint = f"is {' and '.join(sign.host for sign in silent)} well? It was not stopped in order"
    return Finding(f"{role}s", "warn" if silent else "ok", words, hint if silent else "")


def _watch(runtime: Runtime) -> Iterator[Finding]:
    """What a watch elsewhere is set to is its own; who hears of it is in the ledger."""
    within = patience(runtime.settings)
    recent = [sign for sign in signs(runtime.ledger) if sign.role == "watch" and sign.age <= within]
    if not recent:
        yield Finding("watch", "warn", "nobody watches over all this", "is `relaybeat watch` running?")
        return
    yield Finding("watch", "ok", ", ".join(f"{sign.name} {sign.age:.0f} s ago" for sign in recent))
    alerts = runtime.ledger.alerts
    served, standing = alerts.served(), alerts.standing()
    failed = {s.condition.subject for s in standing if s.condition.kind is Kind.CHANNEL_FAILED}
    for name in served:
        if name in failed:
            yield Finding(
                f"alerts to {name}", "warn", "takes no messages", "`relaybeat alerts test` says why"
            )
        else:
            yield Finding(f"alerts to {name}", "ok", "is served")
    if not served:
        hint = "set RELAYBEAT_ALERTS where the watch runs; docs/alerts.md lists what it takes"
        yield Finding("alerts", "warn", "nobody hears of anything", hint)
    if not runtime.settings.heartbeat:
        hint = "set it where the watch runs: then somebody outside notices when that one stops"
        yield Finding("heartbeat", "warn", "RELAYBEAT_HEARTBEAT is not set here", hint)


def _windows(runtime: Runtime) -> Iterator[Finding]:
    ledger, now = runtime.ledger, runtime.ledger.now()
    events = [record.event.id for record in ledger.plans.events()]
    near = ledger.reading.windows(events, now - DAY, now + DAY)
    bad = [record for record in near if troubled(record, now)]
    if not bad:
        yield Finding("windows", "ok", "none of yesterday to tomorrow is in trouble")
        return
    counts = Counter(described(record, now) for record in bad)
    words = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
    lost = any(r.state is State.FAILED or late(r, now) for r in bad if r.window.end > now)
    yield Finding("windows", "fail" if lost else "warn", words, "`relaybeat windows` says which, and why")


def _calendars(runtime: Runtime) -> Iterator[Finding]:
    now, ahead = int(runtime.ledger.now()), max(SOON, runtime.settings.horizon)
    events = (record.event for record in runtime.ledger.plans.events())
    unknown = years_ahead(events, now, now + ahead)
    for each in unknown:
        yield Finding(f"calendar {each.calendar}", "warn", str(each), UPGRADE)
    if not unknown:
        yield Finding("calendars", "ok", f"what events need of the next {ahead // DAY} days is known")


def _drift(runtime: Runtime) -> Iterator[Finding]:
    """What the last look of a beat found, as people were told of it: nothing is asked of the provider."""
    ledger = runtime.ledger
    found = [
        (domain, each)
        for domain in ledger.drifts.domains(ledger.now())
        for each in ledger.drifts.remembered(domain).values()
        if each.told
    ]
    in_the_way = [(domain, each) for domain, each in found if not each.ours and each.windows]
    mended = sum(each.ours for _, each in found)
    for domain, each in in_the_way[:MOST_NAMED]:
        hint = "nothing is sent there: have it removed by whoever placed it, or play elsewhere"
        yield Finding("drift", "fail", f"{domain}/{each.slot}: {each.why}", hint)
    if len(in_the_way) > MOST_NAMED:
        yield Finding("drift", "fail", f"and {len(in_the_way) - MOST_NAMED} more of these", _SEE_DRIFT)
    if mended:
        yield Finding("drift", "warn", f"{mended} of ours differ at the provider, and are mended", _SEE_DRIFT)
    if not (in_the_way or mended):
        yield Finding("drift", "ok", "nothing of ours was found to differ at the provider")


def _provider(runtime: Runtime) -> Iterator[Finding]:
    provider = runtime.provider
    turn = Turn(Lane.BACKGROUND, runtime.ledger.now())
    domains = {info.domain: info for info in provider.domains(turn=turn)}
    yield Finding("provider", "ok", f"answers and accepts the credentials; {len(domains)} domain(s)")
    if provider.skew_seconds is not None:
        yield _of_clock("provider clock", -provider.skew_seconds)
    for domain in sorted({record.event.domain for record in runtime.ledger.plans.events()}):
        known = domains.get(domain)
        if known is None:
            yield Finding(
                f"domain {domain}", "fail", "the account has no such domain", "check it in the events file"
            )
        elif known.status:
            yield Finding(
                f"domain {domain}",
                "warn",
                f"has status {known.status}",
                "look at it in the provider's console",
            )
        else:
            yield Finding(f"domain {domain}", "ok", "known and normal")


def _of_clock(what: str, skew: float) -> Finding:
    well = abs(skew) <= MOST_SKEW
    words = f"this machine is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) < 1:  # a Date header knows no fractions
        words = "agrees with this machine's"
    return Finding(what, "ok" if well else "warn", words, "" if well else "let NTP set the clocks")


def _journal(runtime: Runtime) -> Iterator[Finding]:
    trouble = runtime.journal.trouble()
    if trouble:
        hint = "work goes on without; if Redis lost its memory now, what is under way would be forgotten"
        yield Finding("journal", "warn", trouble, hint)
    else:
        yield Finding("journal", "ok", f"on this machine in {runtime.journal.folder}")


def _data(runtime: Runtime) -> Iterator[Finding]:
    """By which releases of zones and holidays windows are planned, and who would plan by others."""
    editions, own, now = runtime.ledger.editions, runtime.planner.edition, runtime.ledger.now()
    held = editions.held()
    by = held.by or own
    words = "windows are planned by" if held.by else "no window is planned yet; it would be by"
    yield Finding("data", "ok", f"{words} {by}")
    if by != own:
        hint = "give both the same release of relaybeat and its dependencies; of workers, the newer plans"
        yield Finding("data of this machine", "warn", f"differs: {by.change_to(own)}", hint)
    for other in (each for each, at in held.seen.items() if at > now - AWAY and each not in {by, own}):
        hint = "upgrade it: it places what is planned, and plans nothing"
        yield Finding("data of a worker", "warn", f"differs: {by.change_to(other)}", hint)
    newest = next(editions.turnovers(), None)
    if newest:
        fates = {fate: getattr(newest, fate) for fate in ("moved", "changed", "added", "removed")}
        counts = ", ".join(f"{n} {fate}" for fate, n in fates.items() if n) or "no window moved"
        to_do = editions.to_do()
        then = f"; {to_do} event(s) are still to be planned" if to_do else ""
        yield Finding("change of data", "ok", f"{newest.why}, {_ago(now - newest.at)} ago: {counts}{then}")


def _ago(seconds: float) -> str:
    return f"{seconds / DAY:.0f} days" if seconds > 2 * DAY else f"{seconds / 60:.0f} min"


LOOKS: Final[dict[str, Callable[[Runtime], Iterator[Finding]]]] = {
    "settings": _settings,
    "redis": _redis,
    "journal": _journal,
    "beat and workers": _progress,
    "watch": _watch,
    "windows": _windows,
    "data": _data,
    "calendars": _calendars,
    "drift": _drift,
    "provider": _provider,
}
"""What there is to look at, in order, by its name."""
