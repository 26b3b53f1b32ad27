"""What a storm leaves behind for the checker: files in a folder, read into plain values.

    case.json        semantics, quota, settle, lead, who ran; foreign relays; the plans with their times
    storm.jsonl      a line for each fault, edit and unasked exit, with times
    provider.jsonl   the emulator's log
    state.json       what the provider holds in the end
    ledger.json      what the product believes in the end

Standard library only, like everything of the checker.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Relay:
    """One config. Times are Unix seconds; both ``None`` is permanent."""

    slot: str
    sources: tuple[str, ...]
    start: int | None
    end: int | None

    def over(self, at: float) -> bool:
        """Whether its time has passed."""
        return self.end is not None and self.end <= at

    @property
    def opens(self) -> float:
        return -math.inf if self.start is None else self.start

    @property
    def closes(self) -> float:
        return math.inf if self.end is None else self.end

    def __str__(self) -> str:
        return f"{self.slot} {self.start}..{self.end} from {' '.join(self.sources)}"


@dataclass(frozen=True)
class Window:
    """One version of a window of the plan, and when it was in force.

    ``asked`` and ``known``: when the edit that brought it began, and when it was done. ``leaving`` and
    ``left`` say the same of the edit that changed or removed it; infinite while it stands.
    """

    id: str
    relay: Relay
    asked: float
    known: float
    leaving: float = math.inf
    left: float = math.inf
    before: Window | None = None

    @property
    def slot(self) -> str:
        return self.relay.slot


@dataclass(frozen=True)
class Case:
    """Everything that is known of one storm."""

    semantics: str
    quota: int
    settle: float
    lead: float
    roles: tuple[str, ...]
    windows: tuple[Window, ...]
    foreign: tuple[Relay, ...]
    storm: tuple[Json, ...]
    log: tuple[Json, ...]
    state: Json
    ledger: Json | None

    @property
    def observed(self) -> float:
        """When we stopped looking."""
        return float(self.state["now"])


def relay(written: Mapping[str, Any]) -> Relay:
    """A relay from a window of the plan, a row of the state or a line of the log."""
    slot = written.get("slot") or "/".join(
        (str(written["domain"]), str(written["app"]), str(written["stream"]))
    )
    return Relay(slot, tuple(written.get("sources") or ()), written.get("start"), written.get("end"))


def versions(plans: list[Json]) -> tuple[Window, ...]:
    """The windows of successive plans, as versions that follow one another."""
    closed: list[Window] = []
    current: dict[str, Window] = {}
    for plan in plans:
        began, done = plan["began"], plan["done"]
        wanted = {each["id"]: relay(each) for each in plan["windows"]}
        for name, old in list(current.items()):
            if wanted.get(name) != old.relay:
                current.pop(name)
                closed.append(Window(name, old.relay, old.asked, old.known, began, done, old.before))
        latest = {window.id: window for window in closed}
        for name, each in wanted.items():
            if name not in current:
                before = latest.get(name)
                follows = before if before and before.leaving == began else None
                current[name] = Window(name, each, began, done, before=follows)
    return (*closed, *current.values())


def load(folder: Path) -> Case:
    """Reads the folder of a storm."""
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    ledger = folder / "ledger.json"
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    log = _lines(folder / "provider.jsonl")
    return Case(
        semantics=case["semantics"],
        quota=case["quota"],
        settle=case["settle"],
        lead=case["lead"],
        roles=tuple(case["roles"]),
        windows=versions(case["plans"]),
        foreign=tuple(map(relay, case["foreign"])),
        storm=_lines(folder / "storm.jsonl"),
        log=tuple(line for line in log if line["at"] <= state["now"]),  # the product went on
        state=state,
        ledger=json.loads(ledger.read_text(encoding="utf-8")) if ledger.exists() else None,
    )


def _lines(path: Path) -> tuple[Json, ...]:
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
