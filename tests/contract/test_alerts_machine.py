"""A night of alerts as a state machine: whatever breaks and heals, each story that people hear is whole."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.contract.ledgers import clocked
from worker.conditions import Condition, Kind, Level
from worker.ledger.alerts import CALM, Message, Snooze

NOW = 1_800_000_000.0
PATIENCE = 45
SCOPES = {
    "air:a": [("air:a", "news@1", 0), ("air:a", "film@1", PATIENCE)],
    "air:b": [("air:b", "news@2", 0)],
    "vitals": [("vitals", "", PATIENCE)],
}
EVENTS = {"news@1": "news", "news@2": "news", "film@1": "film", "": ""}
PREFIXES = (f"alerts-{n}:" for n in itertools.count())
UNSURE = None
"""In place of a level: nobody could see."""
LOOKS = st.dictionaries(
    st.sampled_from([each for some in SCOPES.values() for each in some]), st.sampled_from([*Level, UNSURE])
)


def condition(what: tuple[str, str, int], level: Level | None, until: float) -> Condition:
    scope, subject, patience = what
    found = Condition(
        kind=Kind.DARK,
        level=level or Level.INFO,
        scope=scope,
        subject=subject,
        patience=patience,
        unsure=level is UNSURE,
    )
    return replace(found, until=until, facts={"event": EVENTS[subject]}) if subject else found


@dataclass
class Story:
    """What people know of one condition."""

    level: int = -1
    held_since: float | None = None
    lines: list[str] = field(default_factory=list)


class Night(RuleBasedStateMachine):
    """Two watches on one ledger. Time passes only as it is told to."""

    redis_url = ""

    def __init__(self) -> None:
        super().__init__()
        prefix = next(PREFIXES)
        self.watches = [clocked(self.redis_url, prefix=prefix) for _ in range(2)]
        self.now, self.end = NOW, NOW + 600
        self.read = "0"
        self.stories: dict[str, Story] = {}
        self.snoozed: dict[str, float] = {}

    @rule(seconds=st.sampled_from([1, 10, CALM - 1, CALM, PATIENCE, 300]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(whom=st.sampled_from(["news", "film@1", "dark", "*"]), seconds=st.sampled_from([5, 60, 400]))
    def somebody_snoozes(self, whom: str, seconds: int) -> None:
        self.snoozed[whom] = self.now + seconds
        snooze = Snooze(target=whom, until=self.now + seconds, by="li", reason="works")
        self.watches[0].alerts.snooze(snooze)

    @rule(whom=st.sampled_from(["news", "film@1", "dark", "*"]))
    def somebody_wakes(self, whom: str) -> None:
        assert self.watches[1].alerts.wake(whom) == (self.snoozed.pop(whom, None) is not None)

    @rule(
        found=LOOKS,
        looked=st.sets(st.sampled_from(sorted(SCOPES)), min_size=1),
        watch=st.integers(0, 1),
        twice=st.booleans(),
    )
    def somebody_looks(
        self, found: dict[tuple[str, str, int], Level | None], looked: set[str], watch: int, twice: bool
    ) -> None:
        judged: dict[str, list[Condition]] = {scope: [] for scope in sorted(looked)}
        for what, level in found.items():
            if what[0] in judged and self.now < self.end:
                judged[what[0]].append(condition(what, level, self.end))
        for _ in range(1 + twice):  # a command whose connection broke is sent again
            self.watches[watch].alerts.judge(judged, self.now)
        self.hear()
        self.follow(judged)

    def follow(self, judged: dict[str, list[Condition]]) -> None:
        """What holds without a break, past its patience and unsnoozed, people must know of by now."""
        for scope, found in judged.items():
            here = {each.key: each for each in found}
            for key in {key for key, story in self.stories.items() if story.held_since} - here.keys():
                if any(key.endswith(f":{subject}") for at, subject, _ in SCOPES[scope] if at == scope):
                    self.stories[key].held_since = None
            for key, each in ((key, each) for key, each in here.items() if not each.unsure):
                story = self.stories.setdefault(key, Story())
                story.held_since = story.held_since or self.now
                if self.now - story.held_since >= each.patience and not self.quiet(each):
                    assert story.level >= each.level, f"{key} was kept from people"

    def hear(self) -> None:
        for message in self.watches[0].alerts.messages(self.read):
            self.read = message.id
            self.tell(message)

    def tell(self, message: Message) -> None:
        told, story = message.condition, self.stories.setdefault(message.condition.key, Story())
        story.lines.append(message.what)
        if message.what != "over":
            assert not self.quiet(told), f"{told.key}: {message.what} while it was snoozed"
        if message.what == "began":
            assert story.level < 0, f"{told.key} began twice: {story.lines}"
            story.level = told.level
        elif message.what == "worse":
            assert 0 <= story.level < told.level, f"{told.key} got no worse: {story.lines}"
            story.level = told.level
        elif message.what == "still":
            assert story.level >= told.level, f"{told.key} was not known: {story.lines}"
        else:
            assert story.level == told.level, f"{told.key} ended as what it was not told as: {story.lines}"
            story.level = -1

    def quiet(self, found: Condition) -> bool:
        return any(self.snoozed.get(target, 0) > self.now for target in found.targets)

    @invariant()
    def what_stands_as_told_is_what_was_told(self) -> None:
        told = {each.condition.key for each in self.watches[1].alerts.standing() if each.told}
        assert told == {key for key, story in self.stories.items() if story.level >= 0}

    def teardown(self) -> None:
        """In the morning all is well, nobody sleeps any more, and every story has its end."""
        self.snoozed.clear()
        self.watches[0].redis.delete(self.watches[0].keys.snoozes)
        for _ in range(2):
            self.now += CALM
            self.watches[0].alerts.judge({scope: [] for scope in SCOPES}, self.now)
        self.hear()
        assert [story.lines for story in self.stories.values() if story.level >= 0] == []
        assert self.watches[0].alerts.standing() == []
        for each in self.watches:
            each.redis.connection_pool.disconnect()


def test_whatever_happens_in_a_night_each_story_that_people_hear_is_whole(redis_url: str) -> None:
    machine = type("Night", (Night,), {"redis_url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
