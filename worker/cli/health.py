"""``health``: for containers and supervisors, does the work go on here?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

import click

from worker.cli.output import output_option, print_json
from worker.durations import parse_duration
from worker.errors import LedgerUnavailable, SettingsError
from worker.health import ALL_ROLES, ROLES, Health, check, end, patience
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.settings import load_settings

DEADLINE: Final = 5.0
"""Seconds that a look takes at most: one that hangs would be no better than what it looks at."""


def _seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("role", type=click.Choice(["any", *ALL_ROLES]), default="any")
@click.option(
    "--within",
    metavar="DURATION",
    callback=_seconds,
    help="How long ago is lately. By default a minute, more with long ticks or timeouts.",
)
@click.option("--end", "ends", is_flag=True, help="Kill what lives on this host without progress.")
@output_option("text", "json")
@click.pass_context
def health(ctx: click.Context, role: str, within: int | None, ends: bool, output: str) -> None:
    """Say whether the work goes on: has a process of this role made progress on this host lately?

    Exits with 1 if none has, or if one lives that has not, or if Redis cannot be asked. Any is a beat or a
    worker, and then something must tick, too. It answers within five seconds.

    With --end, whatever watches over a killed process starts it again. Process 1 of a container cannot be
    killed from inside: give the container an init process.
    """
    settings = load_settings()
    if not settings.redis_url:
        raise SettingsError("RELAYBEAT_REDIS_URL is not set", hint="there is nobody to ask")
    roles = ROLES if role == "any" else tuple(each for each in ALL_ROLES if each == role)
    lately = patience(settings) if within is None else float(within)
    ledger = Ledger(connect(settings.redis_url))
    found = _in_time(lambda: check(ledger, socket.gethostname(), roles, lately))
    for sign in found.stuck if ends else ():
        with suppress(ProcessLookupError):
            end(sign)
    if output == "json":
        print_json(_view(found))
    else:
        click.echo(f"{found.words}{'; killed' if ends and found.stuck else ''}")
    ctx.exit(0 if found.well else 1)


def _in_time(look: Callable[[], Health]) -> Health:
    """What it sees, or that Redis is silent. On a thread, because looking up a name knows no deadline."""
    future: Future[Health] = Future()

    def run() -> None:
        try:
            future.set_result(look())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return future.result(DEADLINE)
    except LedgerUnavailable as error:
        return Health(False, str(error))
    except TimeoutError:
        return Health(False, f"Redis did not answer within {DEADLINE:.0f} s")


def _view(found: Health) -> dict[str, Any]:
    stuck = {sign.name for sign in found.stuck}
    signs = [
        {"role": sign.role, "name": sign.name, "seconds": round(sign.age, 1), "stuck": sign.name in stuck}
        for sign in found.signs
    ]
    return {"well": found.well, "words": found.words, "signs": signs}
