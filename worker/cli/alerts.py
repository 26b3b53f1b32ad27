"""``alerts``: what is wrong now, who is told of it, and who wants to hear nothing for a while."""

from __future__ import annotations

import time
from typing import Final

import click

from worker.accounts import message_view, snooze_view, standing_view
from worker.alerts.channels import ChannelFailed, Sender, parse_channels
from worker.alerts.notes import Note
from worker.alerts.wording import WORDINGS
from worker.cli.output import output_option, print_document, print_table, say
from worker.cli.people import whoever
from worker.conditions import Kind, Level
from worker.durations import format_duration, parse_duration
from worker.errors import Refused, SettingsError
from worker.ledger import Ledger
from worker.ledger.alerts import Snooze
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_iso

_LONGEST_SNOOZE: Final = 7 * 86_400
_SHOWN: Final = 20


@click.group(invoke_without_command=True)
@output_option("table", "json")
@click.pass_context
def alerts(ctx: click.Context, output: str) -> None:
    """Show what is wrong now, what people were told lately, and what is snoozed.

    Times are in UTC. Without a further verb nothing is changed.
    """
    if ctx.invoked_subcommand:
        return
    ledger = Runtime(load_settings()).ledger
    now = ledger.now()
    standing, told = ledger.alerts.standing(), ledger.alerts.latest(_SHOWN)
    snoozes = ledger.alerts.snoozes(now)
    if output == "json":
        print_document(
            {
                "standing": map(standing_view, standing),
                "messages": map(message_view, told),
                "snoozes": map(snooze_view, snoozes),
            }
        )
        return
    if standing:
        rows = (
            (
                _ago(now - s.since),
                s.condition.level.name.lower(),
                _what(s.condition.kind),
                s.condition.subject,
            )
            for s in standing
        )
        print_table(("for", "level", "what", "of"), rows)
    else:
        say("nothing is wrong")
    for message in told:
        what, subject = _what(message.condition.kind), message.condition.subject
        say(f"{local_iso('UTC', int(message.at))[:19]} {message.what}: {what} {subject}".rstrip())
    for each in snoozes:
        say(f"snoozed for {_ago(each.until - now)} by {each.by}: {each.target} ({each.reason})")


@alerts.command()
def test() -> None:
    """Send a test to every channel of RELAYBEAT_ALERTS, at once, and say which of them took it."""
    settings = load_settings()
    channels = parse_channels(settings.alerts, "en")
    if not channels:
        raise SettingsError(
            "RELAYBEAT_ALERTS is not set, so nobody hears of anything",
            hint="set it to addresses such as feishu://TOKEN; docs/alerts.md lists them",
        )
    send = Sender(settings.webhook_secret)
    texts = {"en": ("Relaybeat: a test", "Alerts arrive here."), "zh": ("Relaybeat：测试", "告警可以送达。")}
    failed = []
    for channel in channels:
        title, text = texts[channel.lang]
        try:
            send(channel, Note(Level.INFO, False, title, text), time.time())
            say(f"{channel.name} took it (from {channel.level.name.lower()} on, {channel.lang})")
        except ChannelFailed as error:
            failed.append(str(error))
    if failed:
        raise Refused("\n".join(failed), hint="check its address in RELAYBEAT_ALERTS")


@alerts.command()
@click.argument("target")
@click.argument("duration")
@click.option("--reason", required=True, help="Why; people will ask.")
def snooze(target: str, duration: str, reason: str) -> None:
    """Hear nothing of TARGET for DURATION, such as 2h: a window, an event, a domain, a kind, or all.

    What is wrong when it ends is told then.
    """
    try:
        seconds = parse_duration(duration)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if not 0 < seconds <= _LONGEST_SNOOZE:
        raise click.UsageError(f"a snooze lasts at most {format_duration(_LONGEST_SNOOZE)}")
    ledger = Runtime(load_settings()).ledger
    if not _is_known(ledger, target):
        hint = "a window, an event, a domain, a kind as docs/run-book.md has them, or all"
        raise Refused(f"nothing is called {target!r}, so nobody would hear less", hint=hint)
    aim = "*" if target == "all" else target
    ledger.alerts.snooze(Snooze(target=aim, until=ledger.now() + seconds, by=whoever(), reason=reason))
    how_long = format_duration(seconds)
    say(f"nothing is heard of {target} for {how_long}; relaybeat alerts wake {target} ends that")


@alerts.command()
@click.argument("target")
def wake(target: str) -> None:
    """End a snooze of TARGET."""
    aim = "*" if target == "all" else target
    woken = Runtime(load_settings()).ledger.alerts.wake(aim)
    say(f"{target} is heard of again" if woken else f"{target} was not snoozed")


def _is_known(ledger: Ledger, target: str) -> bool:
    """Whether anything can be meant: a slip of the finger would be believed, and the night not quiet.

    Raises ``UnknownWindow``.
    """
    if target in {"all", *Kind} or any(target in each.condition.targets for each in ledger.alerts.standing()):
        return True
    if "@" in target:
        return bool(ledger.reading.window(target))
    return any(target in (each.event.id, each.event.domain) for each in ledger.plans.events())


def _what(kind: Kind) -> str:
    return WORDINGS[kind].what.en


def _ago(seconds: float) -> str:
    return format_duration(max(0, int(seconds)))
