from __future__ import annotations

from tests.build import NOW, window
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Watched
from worker.lifecycle import State
from worker.web.desk import Shown
from worker.web.items import item
from worker.web.scene import scene

HOUR = 3_600


def shown(hours: int, state: State) -> Shown:
    """A window that many hours from now, of which no neighbour is known any more."""
    record = WindowRecord(window=window(NOW + hours * HOUR, HOUR, id=f"w{hours}"), state=state, revision=1)
    return Shown(record=record, meetings=(), watched=Watched())


def test_what_was_displaced_stays_out_of_the_lane_of_what_aired() -> None:
    past = [shown(-3, State.DISPLACED), shown(-2, State.PLACED), shown(-1, State.CANCELLED)]
    items = {each.id: item(each, "UTC", NOW) for each in past}
    (line,) = scene(past, items, NOW - 4 * HOUR, NOW, "UTC", "6h").lines
    assert [[drawn.item.told.id for drawn in lane] for lane in line.lanes] == [["w-2"], ["w-3", "w-1"]]
