"""One storm: starts a station, breaks it by the schedule, lets it come to rest, keeps all that was seen."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import programme, schedule
from tests.chaos.faults import Fault
from tests.chaos.programme import APP, DOMAIN, Programme, Show
from tests.chaos.schedule import Strength, Strike
from tests.chaos.station import ROLES, Station, pause, station

PROFILES = ("mild", "ambiguous", "hell", "late")
SEMANTICS = ("refuse", "overwrite", "append")
LAG = "4.5"
"""Seconds that the list lags, in the profile whose effects come late: just under the five that the product
allows for. With a late effect it is more, so that a single look after a doubt is not enough."""
SETTLE = 300
QUOTA = 10
WARMING = 6
"""Seconds until everything runs: a plan is applied and the processes are started."""
REMEMBERED = 12.0
"""Seconds from the end of an edit until the workers have it on disk: a tick, and some."""
ALONE = 5.0
"""Seconds before a fault in which no other began, if its recovery is to be measured."""
EXTRA_TIME = 30.0
"""Seconds that a storm may go on for a loss of memory that had to be put off."""
MOST_TRIES = 40
"""Of one apply, a second or more apart; Redis is never away for that long."""
POLL = 0.1

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """Which storm. ``minutes`` of faults; ``quiet`` seconds after them."""

    seed: int = 1
    minutes: float = 3.0
    semantics: str = "refuse"
    profile: str = "ambiguous"
    windows: int = 60
    strength: Strength = field(default_factory=Strength)
    quiet: float = 60.0
    separate_journals: bool = False

    @property
    def name(self) -> str:
        return f"{self.semantics}-{self.profile}-{self.seed}"

    @property
    def emulator(self) -> list[str]:
        lag = ["--list-lag", LAG] if self.profile == "late" else []
        told = ["--duplicate", self.semantics, "--fault", self.profile, "--seed", str(self.seed)]
        return [*told, "--quota", str(QUOTA), *lag]


def run(order: Order, folder: Path, say: Say) -> None:
    """Runs the storm; everything the checker needs is in ``folder`` afterwards."""
    with station(folder, order.emulator, {}, separate_journals=order.separate_journals) as here:
        storm = Storm(order, here, say)
        storm.open()
        storm.rage()
        storm.rest()
        storm.collect()


class Storm:
    """A storm on its way. One thread; nothing here waits for a process longer than a moment."""

    def __init__(self, order: Order, here: Station, say: Say) -> None:
        self.order, self.here, self.say = order, here, say
        self.opening = int(time.time()) + WARMING
        self.closing = self.opening + order.minutes * 60
        self.programme = Programme(order.seed, self.opening, int(self.closing + order.quiet / 2))
        self.shows: dict[str, Show] = {}
        self.plans: list[dict[str, Any]] = []
        self.foreign: list[dict[str, Any]] = []
        self.under_way: list[tuple[Fault, float, float]] = []
        self.edit: _Edit | None = None
        self.edits_waiting = 0
        self.put_off: list[Fault] = []
        self.lost_at = 0.0
        self.recovering: list[tuple[Fault, float, float]] = []
        self.struck_at: list[float] = []
        self.counts: Counter[str] = Counter()
        self.journal = here.folder / "storm.jsonl"
        self.journal.touch()

    def open(self) -> None:
        """Foreign relays, the first plan, and every role started."""
        for what in schedule.left_out():
            self.note("left out", what=what)
        self._plant()
        self.shows = self.programme.first(self.order.windows)
        self._apply(self.shows, ["first plan"])
        while self.edit:
            self._watch_edit(time.time())
            pause(POLL)
        for role in ROLES:
            self.here.start(role)

    def rage(self) -> None:
        """The schedule, from the opening to the closing."""
        strikes = schedule.schedule(self.order.seed, self.order.minutes * 60, self.order.strength)
        while (now := time.time()) < self.closing or (self.put_off and now < self.closing + EXTRA_TIME):
            while strikes and self.opening + strikes[0].after <= now:
                self._strike(strikes.pop(0), now)
            self._turn(now)

    def rest(self) -> None:
        """Ends every fault, the provider's too, and waits."""
        for fault, _, _ in self.under_way:
            self.note("calming", what=fault.what, on=fault.on)
        self.put_off.clear()
        self._let_end(float("inf"))
        self.here.tell_provider("faults", Faults=[])
        self.note("quiet", seconds=self.order.quiet)
        self.say("quiet")
        until = time.time() + self.order.quiet
        while (now := time.time()) < until or self.edit:
            self._turn(now)

    def collect(self) -> None:
        """What the provider holds and what the ledger believes, at one moment; and what was wanted."""
        state = self.here.provider("state")
        self._write("ledger.json", self.here.windows())
        self._write("state.json", state)
        self._write("stats.json", self.here.provider("stats"))
        case = {
            "semantics": self.order.semantics, "profile": self.order.profile, "seed": self.order.seed,
            "quota": QUOTA, "settle": SETTLE, "lead": programme.LEAD, "roles": ROLES,
            "foreign": self.foreign, "plans": self.plans,
        }  # fmt: skip
        self._write("case.json", case)

    def note(self, kind: str, **fields: Any) -> None:
        """One line in the storm's journal."""
        line = {"kind": kind, "at": time.time()} | fields
        with self.journal.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line) + "\n")

    def _turn(self, now: float) -> None:
        """What is done again and again: faults end, the dead are started again, edits go on."""
        if self.put_off and self._remembered(now):
            self._strike(Strike(now, self.put_off.pop()), now)
        self._let_end(now)
        self._mend(now)
        self._watch_edit(now)
        self._watch_recovery(now)
        if self.counts["say"] < now < self.closing:
            self.counts["say"] = int(now) + 15
            faults, edits = self.counts["faults"], self.counts["edits"]
            self.say(f"{self.closing - now:.0f} s to go, {faults} faults, {edits} edits")
        pause(POLL)

    def _plant(self) -> None:
        """Somebody else's relays: some elsewhere, and one where we plan a show."""
        now = int(time.time())
        for stream in ("theirs-1", "theirs-2", "theirs-3", "disputed"):
            times = {"StartTime": now - 60, "EndTime": now + 86_400}
            sources = [f"https://elsewhere.example.com/{stream}.flv"]
            self.here.tell_provider(
                "relays", Domain=DOMAIN, App=APP, Stream=stream, SrcAddrS=sources, **times
            )
            relay = {"slot": f"{DOMAIN}/{APP}/{stream}", "sources": sources}
            self.foreign.append(relay | {"start": now - 60, "end": now + 86_400})

    def _strike(self, strike: Strike, now: float) -> None:
        fault = strike.fault
        if fault is None:
            self.edits_waiting += 1
            return
        busy = any(other.hold == fault.hold for other, _, _ in self.under_way)
        if fault.loses_memory and (busy or not self._remembered(now)):
            self.put_off.append(fault)
            return
        if busy:
            self.note("skipped", what=fault.what, on=fault.on)
            return
        fault.begin(self.here)
        self.lost_at = now + fault.seconds if fault.loses_memory else self.lost_at
        self.counts["faults"] += 1
        self.struck_at.append(now)
        self.under_way.append((fault, now, now + fault.seconds))

    def _remembered(self, now: float) -> bool:
        """Whether the workers have people's last word on disk: only then may Redis forget it."""
        return self.edit is None and now > self.plans[-1]["done"] + REMEMBERED

    def _without_memory(self, now: float) -> bool:
        """Whether Redis is about to lose its memory, or has only just: it must come back without an apply."""
        return bool(self.put_off) or now < self.lost_at + REMEMBERED

    def _let_end(self, now: float) -> None:
        for each in [each for each in self.under_way if each[2] <= now]:
            self.under_way.remove(each)
            fault, began, _ = each
            fault.end(self.here)
            over = time.time()
            told = {"what": fault.what, "on": fault.on, "began": began, **fault.told}
            self.note("fault", **told | {"at": began, "until": over + fault.aftermath, "down": fault.down})
            self.recovering.append((fault, began, over))

    def _mend(self, now: float) -> None:
        """The supervisor: what ended by itself is started again, and told."""
        for name in self.here.dead():
            code = self.here.processes.pop(name).returncode
            self.note("died", what=name, code=code)
            self.here.start(name)

    def _watch_edit(self, now: float) -> None:
        if self.edit:
            if self.edit.advance(now):
                self.plans.append(self.edit.plan(now))
                self.note(
                    "edit",
                    what="; ".join(self.edit.said),
                    seconds=now - self.edit.began,
                    tries=self.edit.tries,
                )
                self.counts["edits"] += 1
                self.edit = None
        elif self.edits_waiting and now < self.closing - 20 and not self._without_memory(now):
            self.edits_waiting -= 1
            shows, said = self.programme.edited(self.shows, int(now))
            if said:
                self.shows = shows
                self._apply(shows, said)

    def _apply(self, shows: dict[str, Show], said: list[str]) -> None:
        self.edit = _Edit(self.here, shows, said)

    def _watch_recovery(self, now: float) -> None:
        """How long after each fault that struck alone the next tick was carried out."""
        if not self.recovering or self.counts["looked"] == int(now) or not self._redis_answers():
            return
        self.counts["looked"] = int(now)
        ticked = self.here.last_tick() or 0.0
        for each in [each for each in self.recovering if each[2] < ticked]:
            self.recovering.remove(each)
            fault, began, over = each
            if sum(began - ALONE < at < ticked for at in self.struck_at) == 1:
                self.note("recovered", what=fault.what, on=fault.on, seconds=round(ticked - over, 1))

    def _redis_answers(self) -> bool:
        return not any(fault.hold == "redis" for fault, _, _ in self.under_way)

    def _write(self, name: str, document: Any) -> None:
        (self.here.folder / name).write_text(json.dumps(document, indent=1), encoding="utf-8")


class _Edit:
    """The real ``relaybeat apply``, tried until it succeeds; the plan changed some time between."""

    def __init__(self, here: Station, shows: dict[str, Show], said: list[str]) -> None:
        self.here, self.shows, self.said = here, shows, said
        self.began = time.time()
        self.tries = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        (here.folder / "events.yaml").write_text(programme.document(shows), encoding="utf-8")

    def advance(self, now: float) -> bool:
        """Goes on with it; whether it is done."""
        if self._process is None:
            if now >= self._not_before:
                self.tries += 1
                options = ("--prune", "--force", "--max-delete", "100000", "--yes")
                self._process = self.here.spawn("apply", "apply", "events.yaml", *options)
            return False
        code = self._process.poll()
        if code is None:
            return False
        self._process = None
        self._not_before = now + 1.0
        if code not in (0, 1) or self.tries == MOST_TRIES:
            raise RuntimeError(f"apply ended with {code}: see {self.here.folder / 'apply.log'}")
        return code == 0

    def plan(self, now: float) -> dict[str, Any]:
        """What is wanted from now on."""
        return {"began": self.began, "done": now, "said": self.said, "windows": programme.windows(self.shows)}
