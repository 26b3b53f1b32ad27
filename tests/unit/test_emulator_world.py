"""What the emulator holds, and what each change does to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ConfigError
from worker.provider.emulator import store
from worker.provider.emulator.air import Air
from worker.provider.emulator.options import Duplicate
from worker.provider.emulator.refusals import Refusal
from worker.provider.emulator.world import Change, Key, Late, Op, World

T = 1_800_000_000
KEY = Key("v.example.com", "live", "news")
CREATE = Change(Op.CREATE, KEY, "v.example.com", ("rtmp://a/live/x", "rtmp://b/live/x"), T + 100, T + 200)
UPDATE = replace(CREATE, op=Op.UPDATE, start=T + 300, end=T + 400)
DELETE = Change(Op.DELETE, KEY, "v.example.com")


def make(world: World, change: Change, at: float) -> None:
    world.apply(replace(change, task_id=world.new_task_id()), at)


def world_with(*changes: Change, duplicate: Duplicate = Duplicate.APPEND, expire: bool = False) -> World:
    world = World(duplicate, expire=expire)
    for change in changes:
        make(world, change, T)
    return world


def times(world: World, at: float = T) -> list[tuple[int | None, int | None]]:
    return [config.times for _, config in world.rows(at)]


@pytest.mark.parametrize(
    ("duplicate", "left"),
    [
        (Duplicate.OVERWRITE, [(T + 500, T + 600)]),
        (Duplicate.APPEND, [(T + 100, T + 200), (T + 500, T + 600)]),
    ],
)
def test_a_second_create_on_a_slot_replaces_or_joins_the_first(
    duplicate: Duplicate, left: list[object]
) -> None:
    world = world_with(CREATE, replace(CREATE, start=T + 500, end=T + 600), duplicate=duplicate)
    assert times(world) == left


def test_a_second_create_on_a_slot_is_refused_and_changes_nothing() -> None:
    world = world_with(CREATE, duplicate=Duplicate.REFUSE)
    with pytest.raises(Refusal) as refused:
        make(world, replace(CREATE, end=T + 150), T)
    assert (refused.value.code, times(world)) == ("InvalidParam", [(T + 100, T + 200)])


def test_an_ended_config_still_holds_its_slot() -> None:
    with pytest.raises(Refusal):
        make(world_with(CREATE, duplicate=Duplicate.REFUSE), CREATE, T + 10_000)


def test_an_ended_config_is_gone_if_configs_expire() -> None:
    world = world_with(CREATE, duplicate=Duplicate.REFUSE, expire=True)
    assert times(world, T + 200) == []
    make(world, CREATE, T + 200)


def test_update_and_delete_name_a_slot_and_so_take_all_that_it_holds() -> None:
    world = world_with(CREATE, CREATE)
    make(world, UPDATE, T)
    assert times(world) == [(T + 300, T + 400)] * 2
    make(world, DELETE, T)
    assert times(world) == []


@pytest.mark.parametrize("change", [UPDATE, DELETE])
def test_an_empty_slot_has_nothing_to_change(change: Change) -> None:
    with pytest.raises(Refusal) as refused:
        make(World(), change, T)
    assert refused.value.code == "ResourceNotFound"


def test_identical_configs_are_counted_beyond_the_first() -> None:
    assert world_with(CREATE, CREATE, CREATE, replace(CREATE, end=T + 150)).duplicates(T) == 2


def test_a_config_counts_the_creates_that_asked_for_it() -> None:
    world = world_with(CREATE, CREATE, replace(CREATE, end=T + 150), duplicate=Duplicate.OVERWRITE)
    assert [config.creates for _, config in world.rows(T)] == [1]
    world = world_with(CREATE, CREATE, duplicate=Duplicate.OVERWRITE)
    assert [config.creates for _, config in world.rows(T)] == [2]


def test_the_past_can_be_read() -> None:
    world = world_with(CREATE)
    make(world, DELETE, T + 5)
    assert (times(world, T - 1), times(world, T + 4.9), times(world, T + 5)) == ([], [(T + 100, T + 200)], [])


def test_the_past_is_forgotten_after_two_days_but_not_what_is_held_since() -> None:
    world = world_with(CREATE)
    make(world, UPDATE, T + 10)
    make(world, UPDATE, T + 3 * 86_400)
    assert [version.at - T for version in world.past[KEY]] == [10, 3 * 86_400]


@given(st.lists(st.sampled_from([CREATE, UPDATE, DELETE]), max_size=12), st.sampled_from(Duplicate))
def test_only_append_ever_holds_two_on_a_slot(changes: list[Change], duplicate: Duplicate) -> None:
    world = World(duplicate)
    for at, change in enumerate(changes, start=T):
        try:
            make(world, change, at)
        except Refusal:
            assert bool(world.held(KEY, at)) is (change.op is Op.CREATE)
        assert duplicate is Duplicate.APPEND or len(world.held(KEY, at)) <= 1
        assert change.op is not Op.DELETE or not world.held(KEY, at)


def test_what_is_kept_on_disk_comes_back(tmp_path: Path) -> None:
    world, again = world_with(CREATE, CREATE, UPDATE), World(Duplicate.APPEND)
    world.defer(Late(T + 9, "r1", DELETE))
    world.set_alive("rtmp://a/live/x", False, T)
    world.play_triggered["v.example.com", "vod"] = {"g": {"Group": "g"}}
    world.forbidden.add(KEY)
    store.save(world, tmp_path / "state.json")
    store.load(again, tmp_path / "state.json")
    assert vars(again) == vars(world)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 2}', '{"version": 1, "past": 3}'])
def test_a_file_that_is_not_a_state_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(ConfigError, match=r"is not an emulator's state"):
        store.load(World(), tmp_path / "state.json")


def test_the_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    store.save(world_with(CREATE), tmp_path / "state.json")
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def lit(air: Air, *seconds: float) -> list[bool]:
    return [air.on_air(KEY, T + second) for second in seconds]


def test_a_relay_is_on_air_from_its_start_to_its_end() -> None:
    assert lit(Air(world_with(CREATE), 0), 99.9, 100, 199.9, 200) == [False, True, True, False]


def test_a_relay_made_too_late_is_on_air_once_it_has_settled() -> None:
    assert lit(Air(world_with(CREATE), 150), 100, 149.9, 150) == [False, False, True]


def test_an_update_is_acted_on_once_it_has_settled() -> None:
    world = world_with(CREATE)
    make(world, replace(UPDATE, start=T + 100, end=T + 120), T + 110)
    assert lit(Air(world, 30), 125, 139.9, 140) == [True, True, False]


def test_a_permanent_relay_is_always_on_air() -> None:
    world = world_with(replace(CREATE, start=None, end=None))
    assert lit(Air(world, 0), 0, 1e8) == [True, True]


def test_a_relay_is_dark_when_its_last_source_dies_and_lit_when_one_comes_back() -> None:
    world = world_with(CREATE)
    world.set_alive("rtmp://a/live/x", False, T + 110)
    world.set_alive("rtmp://b/live/x", False, T + 120)
    world.set_alive("rtmp://b/live/x", True, T + 130)
    assert lit(Air(world, 0), 115, 125, 130) == [True, False, True]


def test_sessions_are_unbroken_stretches_on_air() -> None:
    world = world_with(CREATE)
    for source in CREATE.sources:
        world.set_alive(source, False, T + 120)
        world.set_alive(source, True, T + 150)
    found = [
        (session.start - T, session.end and session.end - T) for session in Air(world, 0).sessions(T + 160)
    ]
    assert found == [(100, 120), (150, None)]


def test_an_update_that_changes_nothing_on_air_does_not_break_the_session() -> None:
    world = world_with(CREATE)
    make(world, replace(UPDATE, start=T + 100, end=T + 180), T + 120)
    assert [s.start - T for s in Air(world, 0).sessions(T + 150)] == [100]


def test_samples_are_whole_buckets_zero_where_it_was_dark() -> None:
    samples = list(Air(world_with(CREATE), 0).samples(KEY, T + 1, T + 240))
    assert [at - T for at, *_ in samples] == [30, 60, 90, 120, 150, 180, 210]
    assert [bitrate > 0 for _, _, bitrate, _ in samples] == [False, False, True, True, True, True, False]
    assert samples == list(Air(world_with(CREATE), 0).samples(KEY, T + 1, T + 240))
