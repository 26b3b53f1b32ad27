"""What the page says of what wants somebody: why, and what to do about it."""

from __future__ import annotations

from tests.build import NOW, window
from worker.conditions import Kind, Level, of_window
from worker.ledger.alerts import Standing
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Watched
from worker.lifecycle import State
from worker.web.desk import Need, Shown
from worker.web.items import Trouble, troubles


def dark(cause: str) -> Trouble:
    """A window that was placed, and is dark."""
    record = WindowRecord(
        window=window(), state=State.PLACED, revision=1, reason="found at the provider as wanted"
    )
    condition = of_window(record.window, Kind.DARK, Level.PAGE, "air:pull.example.com", cause=cause)
    standing = Standing(condition=condition, since=float(NOW), told=True)
    shown = Shown(record=record, meetings=(), watched=Watched())
    need = Need(shown=shown, standing=standing, since=float(NOW))
    (found,) = troubles([need], lambda _: "UTC", NOW)
    return found


def test_the_next_step_goes_by_the_cause() -> None:
    assert "--source URL --reason WHY --force" in dark("source-unreachable").next
    assert "console" in dark("unknown").next


def test_how_a_window_came_to_be_placed_is_no_cause_of_its_being_dark() -> None:
    assert dark("source-unreachable").why == "none of its sources answers"
