"""Sources are tried before air: when, how often, what is said of it, and what is not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.contract.ledgers import HOUR, LATER, ClockedLedger, plan, window
from tests.origins import listen_on, page, serving
from worker.conditions import Condition, Kind, Level
from worker.duties.sources import CHECKPOINTS, SCOPE, Sources
from worker.ledger.alerts import CALM
from worker.ledger.watched import Tried
from worker.probes import Prober
from worker.relay import Slot
from worker.windows import Window

START = LATER + HOUR
EARLY, SHORTLY = (START - before for before in CHECKPOINTS)
FLV = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(4)
MEDIA = (
    4 * (b"\x08\x00\x00\x02" + bytes(7) + b"\xaf\x01" + bytes(4))
    + b"\x09\x00\x00\x05"
    + bytes(7)
    + b"\x17\x01"
)
STREAM = page(FLV + MEDIA + bytes(7))


@dataclass
class Feed:
    """An origin of HTTP-FLV that plays every name but those that are ``dead``, or ``mute``."""

    port: int = 0
    dead: set[str] = field(default_factory=set)
    mute: bool = False
    asked: list[str] = field(default_factory=list)
    heed: Callable[[], object] = int
    now: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/live/{name}.flv?token=canary"

    def talk(self, sock: socket.socket) -> None:
        name = (
            sock.recv(65_536)
            .split()[1]
            .decode()
            .partition("?")[0]
            .removeprefix("/live/")
            .removesuffix(".flv")
        )
        with self.lock:
            self.asked.append(name)
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
            self.heed()
        if self.mute:
            listen_on(sock)
        sock.sendall(page(b"", "404 Not Found") if name in self.dead else STREAM)
        with self.lock:
            self.now -= 1


@pytest.fixture
def feed() -> Iterator[Feed]:
    found = Feed()
    with serving(found.talk) as found.port:
        yield found


@dataclass
class Desk:
    """The duty on a real ledger and real sources; looks are taken at the time that the test says."""

    ledger: ClockedLedger
    feed: Feed
    timeout: float = 5.0

    def __post_init__(self) -> None:
        prober = Prober(time.monotonic, timeout=self.timeout, private=True)
        self.sources = Sources(self.ledger, prober, self.ledger.clock)

    def look(self, at: float) -> list[Condition]:
        self.ledger.clock.at = at
        judged = self.sources.look(at)
        self.ledger.alerts.judge(judged, at)
        assert judged.keys() == {SCOPE}
        return list(judged[SCOPE])

    def asks(self, at: float) -> list[str]:
        """What is tried by a look at this time."""
        self.feed.asked.clear()
        self.look(at)
        return sorted(self.feed.asked)

    def shown(self, *names: str, event_id: str = "news") -> Window:
        """A planned window of these sources."""
        sources = tuple(map(self.feed.url, names))
        found = window(
            START, event=event_id, sources=sources, slot=Slot("pull.example.com", "live", event_id)
        )
        plan(self.ledger, found)
        return found

    def known(self, of: Window) -> tuple[Tried, ...]:
        (watched,) = self.ledger.sightings.of([of.id])
        return watched.sources

    def heard(self) -> list[str]:
        return [message.what for message in self.ledger.alerts.messages()]


@pytest.fixture
def desk(ledger: ClockedLedger, feed: Feed) -> Desk:
    return Desk(ledger, feed)


def test_sources_are_tried_half_an_hour_and_five_minutes_before_and_not_in_between(desk: Desk) -> None:
    desk.shown("a", "b")
    tried = {
        at - START: desk.asks(at) for at in (EARLY - 60, EARLY, EARLY + 60, SHORTLY - 1, SHORTLY, START - 1)
    }
    assert tried == {-1_860: [], -1_800: ["a", "b"], -1_740: [], -301: [], -300: ["a", "b"], -1: []}


def test_nothing_is_said_of_sources_that_answer(desk: Desk) -> None:
    desk.shown("a", "b")
    assert desk.look(EARLY) == []


def test_what_came_of_it_is_kept_with_the_window(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    of = desk.shown("a", "b")
    desk.look(EARLY)
    first, second = desk.known(of)
    assert (first.alive, first.code, first.at) == (False, "absent", EARLY)
    assert (second.alive, second.words) == (True, "FLV with audio and video")


def test_people_are_warned_when_no_source_answers_and_told_why_of_each(desk: Desk) -> None:
    desk.feed.dead = {"a", "b"}
    of = desk.shown("a", "b")
    (found,) = desk.look(EARLY)
    assert (found.kind, found.subject, found.level) == (Kind.SOURCE_DEAD, of.id, Level.WARN)
    assert (found.cause, found.facts["why"].count("it answers 404")) == ("source-unreachable", 2)


def test_people_are_warned_when_the_first_source_is_dead_and_told_which_would_be_used(desk: Desk) -> None:
    desk.feed.dead = {"a", "b"}
    of = desk.shown("a", "b", "c", "d")
    (found,) = desk.look(EARLY)
    assert (found.level, found.cause) == (Level.WARN, "first-source-dead")
    assert found.facts["why"].endswith(f"; {desk.known(of)[2].source} would be used")


def test_a_dead_source_that_would_not_be_used_anyway_is_no_warning(desk: Desk) -> None:
    desk.feed.dead = {"b"}
    desk.shown("a", "b")
    (found,) = desk.look(EARLY)
    assert (found.level, found.cause) == (Level.INFO, "other-source-dead")


def test_a_dead_first_source_is_tried_again_each_minute_until_it_answers(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    desk.shown("a")
    assert [bool(desk.asks(EARLY + after)) for after in (0, 15, 59, 60, 75, 120)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
    desk.feed.dead = set()
    assert desk.look(EARLY + 180) == []
    assert desk.asks(EARLY + 300) == []


def test_people_hear_once_that_it_is_dead_and_once_that_it_answers(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    desk.shown("a")
    for after in range(0, 600, 15):
        desk.look(EARLY + after)
    desk.feed.dead = set()
    for after in range(600, 700 + CALM, 15):
        desk.look(EARLY + after)
    assert desk.heard() == ["began", "recovered"]


def test_a_source_that_dies_between_the_checks_is_warned_of_before_air(desk: Desk) -> None:
    desk.shown("a")
    assert desk.look(EARLY) == []
    desk.feed.dead = {"a"}
    assert [each.level for each in desk.look(SHORTLY)] == [Level.WARN]


def test_the_start_of_a_window_is_no_recovery_of_its_source(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    desk.shown("a")
    desk.look(SHORTLY)
    assert desk.look(START) == []
    desk.look(START + CALM + 1)
    assert desk.heard() == ["began", "over"]


def test_other_sources_are_tried_at_once_and_the_old_ones_forgotten(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    of = desk.shown("a")
    desk.look(EARLY)
    plan(desk.ledger, replace(of, sources=(desk.feed.url("b"),)), digest="2")
    assert desk.asks(EARLY + 15) == ["b"]
    assert desk.look(EARLY + 30) == []


def test_a_window_planned_late_is_tried_at_once(desk: Desk) -> None:
    assert desk.asks(START - 200) == []
    desk.shown("a")
    assert desk.asks(START - 100) == ["a"]


def test_a_window_that_was_called_off_is_not_tried_and_its_source_no_longer_matters(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    of = desk.shown("a")
    assert len(desk.look(EARLY)) == 1
    desk.ledger.plans.cancel(of, now=desk.ledger.now(), by="person", who="ann", reason="strike")
    assert desk.asks(EARLY + 60) == []
    desk.look(EARLY + 61 + CALM)
    assert desk.heard() == ["began", "over"]


def test_another_watch_goes_by_what_this_one_found(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    desk.shown("a")
    (found,) = desk.look(EARLY)
    desk.feed.asked.clear()
    assert Desk(desk.ledger, desk.feed).look(EARLY + 10) == [found]
    assert desk.feed.asked == []


def test_no_secret_of_a_source_is_kept_or_told(desk: Desk) -> None:
    desk.feed.dead = {"a"}
    of = desk.shown("a", "b")
    told = str(desk.look(EARLY))
    keys = desk.ledger.keys
    kept = [str(desk.ledger.redis.hgetall(key)) for key in (keys.watched(of.id), keys.conditions)]
    said = [told, *kept, str(desk.ledger.alerts.messages())]
    assert all("?token=***" in each and "canary" not in each for each in said)


def test_an_address_that_many_windows_share_is_tried_once_a_look(desk: Desk) -> None:
    many = [desk.shown("a", f"b{n % 2}", event_id=f"news-{n}") for n in range(20)]
    assert desk.asks(EARLY) == ["a", "b0", "b1"]
    assert all(len(desk.known(each)) == 2 for each in many)


def test_windows_that_begin_together_are_tried_together_but_not_all_at_once(desk: Desk) -> None:
    """Two hundred black holes: one after another they would take longer than a window lasts."""
    desk = Desk(desk.ledger, desk.feed, timeout=1.0)
    desk.feed.mute = True
    for n in range(200):
        desk.shown(f"s{n}", event_id=f"news-{n}")
    assert len(desk.look(EARLY)) == 200
    assert 32 < desk.feed.most_at_once <= 64 + 8  # hanging up is noticed a moment later


def test_what_a_look_has_no_time_for_waits_for_the_next_and_the_earliest_come_first(desk: Desk) -> None:
    desk.feed.heed = lambda: desk.ledger.clock.advance(1.0)
    for n in range(200):
        desk.shown(f"s{n:03}", event_id=f"news-{n:03}")
    first = desk.asks(EARLY)
    assert 30 <= len(first) < 150
    assert first == [f"s{n:03}" for n in range(len(first))]
    desk.feed.heed = int
    assert set(desk.asks(EARLY + 60)) == {f"s{n:03}" for n in range(len(first), 200)}


def test_a_window_that_was_tried_by_hand_counts_as_tried(desk: Desk) -> None:
    of = desk.shown("a")
    desk.ledger.clock.at = EARLY + 5
    assert [each.alive for each in desk.sources.try_all([of])[of]] == [True]
    assert desk.asks(EARLY + 15) == []
