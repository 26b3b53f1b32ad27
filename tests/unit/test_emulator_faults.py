"""Fault specs, and whom they meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.provider.emulator.actions import ACTIONS
from worker.provider.emulator.faults import PROFILES, Fault, Kind, Plan, When, parse_faults
from worker.provider.emulator.refusals import CODES

CREATE, LIST = "CreateRelaySourceV4", "ListRelaySourceV4"


def parse(*specs: str) -> tuple[Fault, ...]:
    return parse_faults(specs, ACTIONS)


def plan(*specs: str, seed: int = 0) -> Plan:
    return Plan(parse(*specs), seed)


def test_every_part_of_a_spec_is_read() -> None:
    (fault,) = parse("Create:504:10%:late:1.5s:x3")
    assert fault == Fault(
        "Create:504:10%:late:1.5s:x3", CREATE, code="InternalServiceTimeout", status=504, rate=0.1,
        when=When.LATE, seconds=1.5, times=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "action"),
    [
        ("504", ""),
        ("List:504", LIST),
        ("ListDomainDetail:504", "ListDomainDetail"),
        ("no-task-id", CREATE),
        ("shift", LIST),
    ],
)
def test_a_fault_befalls_the_action_it_names_or_could_only_mean(spec: str, action: str) -> None:
    assert parse(spec)[0].action == action


@pytest.mark.parametrize(
    ("spec", "when"),
    [("504", When.EITHER), ("CommonErr", When.EITHER), ("reset", When.EITHER), ("429", When.BEFORE),
     ("503", When.BEFORE), ("302", When.BEFORE), ("InvalidParam", When.BEFORE), ("slow", When.AFTER),
     ("503:after", When.AFTER)],
)  # fmt: skip
def test_a_fault_strikes_where_it_would_unless_told(spec: str, when: When) -> None:
    assert parse(spec)[0].when is when


@pytest.mark.parametrize("code", CODES)
def test_every_documented_code_can_be_had(code: str) -> None:
    assert parse(code)[0].status == CODES[code].status


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_had(kind: Kind) -> None:
    assert parse(str(kind))[0].kind is kind


@pytest.mark.parametrize(("written", "seconds"), [("300ms", 0.3), ("2s", 2.0), ("1.5m", 90.0)])
def test_durations_have_units(written: str, seconds: float) -> None:
    assert parse(f"slow:{written}")[0].seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("", "no kind"), ("Create", "no kind"), ("nonsense", "no kind"), ("200", "no kind"),
        ("504:often", "no rate"), ("504:10", "no rate"),
        ("List:no-task-id", "can only befall CreateRelaySourceV4"),
        ("no-task-id:before", "before the effect"), ("drip:before", "before the effect"),
    ],
)  # fmt: skip
def test_a_spec_that_makes_no_sense_says_why(spec: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(spec)


def test_faults_that_could_never_come_are_refused() -> None:
    with pytest.raises(ValueError, match="CreateRelaySourceV4 add up to more than 100%"):
        parse("504:60%", "Create:reset:50%")


def test_a_fault_of_limited_number_may_shadow_the_rest() -> None:
    assert len(parse("504:x2", "reset")) == 2


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_can_be_used(profile: str) -> None:
    assert len(parse(profile)) == len(PROFILES[profile])


def test_the_same_seed_tells_the_same_story() -> None:
    stories = [[plan("hell", seed=seed).draw(CREATE, f"s{n}") for n in range(50)] for seed in (1, 1, 2)]
    assert stories[0] == stories[1] != stories[2]


@given(st.permutations([(action, slot) for action in (CREATE, LIST) for slot in "abc"] * 3))
def test_the_story_of_a_slot_does_not_depend_on_the_others(order: list[tuple[str, str]]) -> None:
    mixed, alone = plan("hell", seed=7), plan("hell", seed=7)
    met = [mixed.draw(*asked) for asked in order]
    assert [fault for asked, fault in zip(order, met, strict=True) if asked == (CREATE, "a")] == [
        alone.draw(CREATE, "a") for _ in range(3)
    ]


def test_rates_are_kept() -> None:
    dice = plan("504:25%", "reset:25%")
    drawn = [fault.name if fault else "" for fault in (dice.draw(CREATE, f"s{n}") for n in range(4_000))]
    assert all(900 < drawn.count(name) < 1_100 for name in ("504:25%", "reset:25%"))


def test_half_of_the_unclear_ones_come_after_the_effect() -> None:
    dice = plan("504")
    drawn = [dice.draw(CREATE, f"s{n}") for n in range(2_000)]
    assert 900 < sum(fault is not None and fault.when is When.AFTER for fault in drawn) < 1_100


def test_a_fault_comes_no_more_often_than_it_may() -> None:
    dice = plan("504:x2")
    assert [dice.draw(CREATE, f"s{n}") is not None for n in range(4)] == [True, True, False, False]


def test_a_fault_of_one_action_spares_the_others() -> None:
    dice = plan("Create:504")
    assert dice.draw(LIST, "s") is None
    assert dice.draw(CREATE, "s") is not None
