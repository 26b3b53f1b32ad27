"""What a draft would do to a real ledger: told, named, and then done just so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract.desk import DAY, HORIZON, SETTLE, Desk
from tests.contract.ledgers import HOUR, LATER, ClockedLedger, dump
from tests.events_text import HEAD, show
from tests.programmes import NIGHTS, files, nights, written
from worker.applying import Source
from worker.drafts.differences import done_view, event_rows, in_all, plan_view, rows
from worker.drafts.drafting import Drafting, Proposal
from worker.drafts.reading import read_draft
from worker.drafts.standing import in_words
from worker.errors import Changed, Refused
from worker.events.load import Loaded
from worker.planner import Planner

NOON = LATER - LATER % DAY + DAY + 4 * HOUR
SOURCE = Source("page", "5a", "ann", "autumn plan")


@pytest.fixture
def desk(ledger: ClockedLedger) -> Desk:
    """At half past three in the afternoon, by the clock of the show."""
    ledger.clock.at = NOON + 3.5 * HOUR + 0.25
    return Desk(ledger)


def drafting(desk: Desk) -> Drafting:
    return Drafting(Planner(desk.ledger, HORIZON), SETTLE)


def loaded(**changes: str | None) -> Loaded:
    return read_draft(show(**changes).encode(), "week.yaml").loaded


def proposed(desk: Desk, *, prune: bool = False, **changes: str | None) -> Proposal:
    return drafting(desk).propose(loaded(**changes), prune=prune)


def applied(desk: Desk, **changes: str | None) -> int | None:
    return drafting(desk).apply(proposed(desk, **changes), SOURCE)


def test_what_was_shown_is_done_and_noted_with_its_source(desk: Desk) -> None:
    shown = proposed(desk)
    again = drafting(desk).again(shown.loaded, prune=False, shown=shown.digest)
    assert drafting(desk).apply(again, SOURCE) == 1
    (revision,) = desk.ledger.revisions.all()
    assert (revision.file, revision.by, revision.reason, revision.added) == ("page", "ann", "autumn plan", 3)


def test_what_is_done_already_is_nothing_to_do_whatever_was_shown(desk: Desk) -> None:
    shown = proposed(desk)
    drafting(desk).apply(shown, SOURCE)
    before = dump(desk.ledger)
    for passing in (0.0, 90.0, 2.0 * DAY):
        desk.ledger.clock.advance(passing)
        desk.tick()
        again = drafting(desk).again(shown.loaded, prune=False, shown=shown.digest)
        assert drafting(desk).apply(again, SOURCE) is None
    assert len(list(desk.ledger.revisions.all())) == 1
    assert before


def test_time_that_passes_without_a_window_beginning_changes_nothing_that_was_shown(desk: Desk) -> None:
    shown = proposed(desk)
    desk.ledger.clock.advance(3 * HOUR)
    again = drafting(desk).again(shown.loaded, prune=False, shown=shown.digest)
    assert again.plan.differences == shown.plan.differences
    assert again.now == shown.now + 3 * HOUR


def _somebody_applies(desk: Desk) -> None:
    applied(desk, id="other")


def _a_window_passes(desk: Desk) -> None:
    desk.ledger.clock.advance(7 * HOUR)


def _a_day_passes(desk: Desk) -> None:
    desk.ledger.clock.advance(DAY + 1)


@pytest.mark.parametrize("meanwhile", [_somebody_applies, _a_window_passes, _a_day_passes])
def test_what_would_be_something_else_by_now_is_not_done(
    desk: Desk, meanwhile: Callable[[Desk], None]
) -> None:
    shown = proposed(desk)
    meanwhile(desk)
    with pytest.raises(Changed, match="something else"):
        drafting(desk).again(shown.loaded, prune=False, shown=shown.digest)


def test_a_word_that_somebody_says_meanwhile_changes_what_was_shown(desk: Desk) -> None:
    applied(desk)
    shown = proposed(desk, title="Late show")
    desk.say("cancel", desk.windows("show")[1].window.id)
    with pytest.raises(Changed):
        drafting(desk).again(shown.loaded, prune=False, shown=shown.digest)


@pytest.mark.parametrize("changes", [{"title": "Other"}, {"sources": "[rtmp://a.example.com/live/y]"}])
def test_another_text_or_another_choice_is_not_what_was_shown(desk: Desk, changes: dict[str, str]) -> None:
    shown = proposed(desk)
    with pytest.raises(Changed):
        drafting(desk).again(loaded(**changes), prune=False, shown=shown.digest)
    with pytest.raises(Changed):
        drafting(desk).again(shown.loaded, prune=True, shown=shown.digest)


@pytest.mark.parametrize("shown", ["", "x", "12", "٣.00", "-5.00", f"{LATER * 1000}.00", "9" * 400])
def test_a_digest_that_nobody_was_given_is_refused(desk: Desk, shown: str) -> None:
    with pytest.raises(Changed):
        drafting(desk).again(loaded(), prune=False, shown=shown)


def test_a_digest_is_the_same_in_every_process(desk: Desk) -> None:
    first = proposed(desk)
    many = replace(first.plan, added=frozenset(map(str, range(50))))
    same = replace(first.plan, added=frozenset(map(str, reversed(range(50)))))
    assert replace(first, plan=many).digest == replace(first, plan=same).digest != first.digest


def test_of_two_who_apply_at_once_the_second_is_told(desk: Desk) -> None:
    mine, theirs = proposed(desk), proposed(desk, title="Theirs")
    drafting(desk).apply(theirs, replace(SOURCE, by="bob"))
    with pytest.raises(Refused, match="meanwhile"):
        drafting(desk).apply(mine, SOURCE)


real = settings(
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@real
@given(data=st.data(), zone=nights)
def test_a_digest_holds_exactly_as_long_as_the_plan_it_names(desk: Desk, data: Any, zone: str) -> None:
    desk.ledger.redis.flushall()
    desk.ledger.clock.at = NIGHTS[zone].timestamp() + 0.25
    texts = (written(data.draw(files(zone))) for _ in range(2))
    first, second = (read_draft(text.encode(), "").loaded for text in texts)
    assert not (first.problems or second.problems)
    drafting(desk).apply(drafting(desk).propose(first, prune=False), SOURCE)
    prune = data.draw(st.booleans())
    shown = drafting(desk).propose(second, prune=prune)
    desk.ledger.clock.advance(data.draw(st.sampled_from([0.0, 60.0, 4_000.0, 40_000.0])))
    again = drafting(desk).propose(second, prune=prune, since=shown.at)
    assert (again.digest == shown.digest) == (again.plan == shown.plan)


# How it is told.


def test_a_move_is_told_in_one_row_with_before_and_after(desk: Desk) -> None:
    applied(desk)
    plan = proposed(desk, cron='"30 20 * * *"').plan
    first = next(rows(plan))
    assert (first.sign, first.event, first.told) == (
        "~",
        "show",
        "starts 20:00 -> 20:30; ends 22:00 -> 22:30",
    )
    assert list(in_all(plan, done=False)) == [
        "windows: 3 would be added, 0 would be changed, 3 would be removed"
        " (3 shows move to another time of their day)"
    ]


def test_many_windows_are_told_event_by_event(desk: Desk) -> None:
    (row,) = event_rows(proposed(desk, cron='"0 * * * *"', duration="5m").plan)
    assert (row.event, row.added, row.changed, row.removed) == ("show", 72, 0, 0)


def test_scripts_get_the_same_names_from_everybody(desk: Desk) -> None:
    found = proposed(desk)
    view = {name: list(each) for name, each in plan_view(found.plan, ()).items()}
    assert list(view) == ["changes", "left", "overrides", "warnings"]
    assert [each["kind"] for each in view["changes"]] == ["add"] * 3
    assert done_view(None, 1, found.plan, ())["added"] == 3


def test_no_source_is_told_whole(desk: Desk) -> None:
    applied(desk, sources="[rtmp://u:geheim-1@a.example.com/live/geheim-2]")
    desk.say("override", desk.windows("show")[1].window.id, sources=("rtmp://geheim-3@b.example.com/live/x",))
    found = proposed(desk, sources="[rtmp://u:geheim-4@a.example.com/live/geheim-5]").plan
    told = repr([*map(repr, rows(found)), *in_words(found.overruled)])
    told += repr({name: list(each) for name, each in plan_view(found, ()).items()})
    assert "sources rtmp://***" in told
    assert "geheim" not in told


def test_what_people_said_is_told_with_how_the_file_would_say_it(desk: Desk) -> None:
    applied(desk)
    desk.say("cancel", desk.windows("show")[1].window.id)
    desk.say("pause", "show")
    pause, word = in_words(proposed(desk).plan.overruled)
    assert pause.sentence.startswith("show stays paused by ann@desk: strike")
    assert pause.write == ("in the file: paused: true",)
    assert word.write[0].startswith("write under exceptions: - {on: 20")


def test_a_neighbour_in_the_ledger_is_warned_of_with_the_line_of_the_file(desk: Desk) -> None:
    applied(desk)
    other = HEAD + (
        '  - {id: film, title: Film, cron: "0 21 * * *", duration: 1h, stream: show,'
        " sources: [rtmp://b.example.com/live/film]}\n"
    )
    proposal = drafting(desk).propose(read_draft(other.encode(), "film.yaml").loaded, prune=False)
    (warning,) = drafting(desk).warnings(proposal)
    assert (warning.file, warning.line, warning.event) == ("film.yaml", 4, "film")
    assert "overlaps 'show'" in warning.message


def test_what_the_file_and_the_ledger_warn_of_alike_is_told_once(desk: Desk) -> None:
    two = show() + (
        '  - {id: film, title: Film, cron: "0 21 * * *", duration: 1h, stream: show,'
        " sources: [rtmp://b.example.com/live/film]}\n"
    )
    proposal = drafting(desk).propose(read_draft(two.encode(), "two.yaml").loaded, prune=False)
    told = drafting(desk).advice(proposal)
    assert len(told) == len(set(told)) == 1
