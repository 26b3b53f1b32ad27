"""``worker``, ``beat`` and ``watch``: one role each, any number of processes on any number of machines."""

from __future__ import annotations

import os
import signal
import warnings
from contextlib import suppress

import click

from worker import telemetry
from worker.errors import LedgerUnavailable, SettingsError
from worker.runtime import Runtime
from worker.settings import load_settings


def _broker_is_set() -> None:
    from worker.tasks import settings  # noqa: PLC0415  Celery takes a second to import

    if not settings.redis_url:
        raise SettingsError(
            "RELAYBEAT_REDIS_URL is not set",
            hint="`relaybeat up` brings a Redis of its own and needs no setting",
        )


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1, 20),
    default=10,
    show_default=True,
    help="Attempts at a time; they mostly wait, so ten serve the quota.",
)
def worker(concurrency: int) -> None:
    """Place windows: carries out ticks and attempts until it is told to stop.

    On SIGTERM or Ctrl-C it ends the attempts in hand first; a second Ctrl-C ends it at once. Killing it
    loses nothing: what it was doing is in the ledger, and another worker takes over.
    """
    _broker_is_set()
    from worker.tasks import app  # noqa: PLC0415

    # Celery warns of root because of pickled messages; ours are JSON only.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            str(concurrency),
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel",
            "INFO",
        ]
    )


@click.command()
def beat() -> None:
    """Tick: sends the tick that plans and hands out. Two of them are safe, and better than one."""
    _broker_is_set()
    from worker.tasks import app  # noqa: PLC0415

    app.Beat(loglevel="INFO", quiet=True).run()


@click.command()
def watch() -> None:
    """Watch over everything from outside, and tell people what is wrong.

    Holds the plan against what the provider lists and shows, tries the sources before air, and notices when
    beat, workers or Redis are silent. Sends what it finds to RELAYBEAT_ALERTS. Two of them say nothing twice.
    """
    settings = load_settings()
    telemetry.start_logging(settings.secrets(), json=settings.log == "json")
    runtime = Runtime(settings)
    running = runtime.watch()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.end())
    hanging = running.run()
    with suppress(LedgerUnavailable):
        runtime.ledger.forget("watch", runtime.name)
    if hanging:
        os._exit(0)  # Python would wait for threads that hang
