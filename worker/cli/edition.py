"""What to know of the data by which windows are planned, below what a verb shows."""

from __future__ import annotations

from typing import Final

from worker.cli.output import say
from worker.language import phrase
from worker.ledger import Ledger
from worker.planner import Planner

_RECENT: Final = 7 * 86_400


def say_edition(planner: Planner) -> None:
    """If this machine computes by other data than the ledger goes by: what it shows is by its own."""
    held = planner.ledger.editions.held()
    if held.by not in {None, planner.edition}:
        assert held.by is not None
        told = (
            "the workers plan by other data than this machine has: {differs}\n"
            "times are shown here by this machine's; the next tick plans by theirs"
        )
        say(phrase(told, differs=planner.edition.change_to(held.by)))


def say_moves(ledger: Ledger) -> None:
    """The last change of data, if it was lately and moved anything."""
    newest = next(ledger.editions.turnovers(), None)
    if newest and newest.windows and newest.at > ledger.now() - _RECENT:
        told = "new data moved windows: {n} of {events} events ({why}); relaybeat doctor tells more"
        say(phrase(told, n=newest.windows, events=newest.events, why=newest.why))
