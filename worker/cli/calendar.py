"""``calendar``: addresses under which the calendar can be read by whoever has one."""

from __future__ import annotations

from dataclasses import asdict

import click

from worker.cli.output import output_option, print_document, print_table, say
from worker.cli.people import ONE_LINE, by_option, whoever
from worker.ledger.feeds import Feed
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_iso


@click.group()
def calendar() -> None:
    """Let people subscribe to what is planned, in the calendar they use.

    A calendar reads its address again and again without signing in, so whoever knows the address can read
    it: give each person one of their own. It shows no source.
    """


@calendar.command()
@click.option("--name", type=ONE_LINE, required=True, help="Whom it is for.")
@click.option("--event", metavar="ID", help="Show this event alone.  [default: every event]")
@by_option
def new(name: str, event: str | None, by: str | None) -> None:
    """Make an address, and print it: it cannot be shown again."""
    runtime = Runtime(load_settings())
    ledger, page = runtime.ledger, runtime.settings.page_url.rstrip("/")
    if event:
        ledger.plans.event(event)
    key = ledger.feeds.make(Feed(name=name, event=event or "", by=by or whoever(), at=ledger.now()))
    click.echo(f"{page}/calendar/{key}.ics")
    if not page:
        say("put the address of the page in front of it; RELAYBEAT_PAGE_URL would be")


@calendar.command("list")
@output_option("table", "json")
def list_(output: str) -> None:
    """List the addresses by their ids; what opens them is kept nowhere."""
    found = Runtime(load_settings()).ledger.feeds.all()
    if output == "json":
        print_document({"calendars": map(asdict, found)})
        return
    rows = ((f.id, f.name, f.event or "all", f.by, local_iso("UTC", int(f.at))) for f in found)
    print_table(("ID", "For", "Event", "Made by", "At"), rows)


@calendar.command()
@click.argument("feed_id", metavar="ID")
def revoke(feed_id: str) -> None:
    """Close the address ID: whoever reads it finds nothing any more."""
    Runtime(load_settings()).ledger.feeds.revoke(feed_id)
    say(f"{feed_id} is closed")
