"""``up``: everything on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from worker import up as machine
from worker.events.load import load_events
from worker.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8080,
    show_default=True,
    help="The page's port; a free one if it is taken.",
)
@click.option("--live", is_flag=True, help="Place relays at the real provider, with your account's keys.")
def up(file: Path | None, port: int, live: bool) -> None:
    """Run everything on this machine: Redis, provider emulator, worker, beat and page.

    FILE is applied first; without it, what the ledger holds goes on. Nothing starts on a file with problems.
    State is kept in ./.relaybeat and found again. Ctrl-C ends everything.
    """
    if file:
        load_events(file)
    machine.up(load_settings(os.environ), os.environ, file, port=port, live=live)
