"""The models of the API's answers have the names of what is really told, and no others."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from worker import accounts, asrun, reports, verbs, views
from worker.events.problems import Problem
from worker.ledger import alerts, records, revisions
from worker.web.api import models, samples

ONE_LINE = {"kind", "at_utc"}
"""What tells the entries of a history apart, and when they were made."""


def of(told: type) -> set[str]:
    """The names of a typed dictionary or of a dataclass."""
    if hasattr(told, "__total__"):
        return {name for each in reversed(told.__mro__) for name in getattr(each, "__annotations__", {})}
    return {each.name for each in fields(told)}


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (models.Planned, views.PlannedView),
        (models.Window, views.WindowView),
        (models.Event, reports.EventView),
        (models.Pause, reports.PauseView),
        (models.Report, asrun.ReportView),
        (models.Decision, asrun.Decision),
        (models.Standing, accounts.StandingView),
        (models.Message, accounts.MessageView),
        (models.Snooze, accounts.SnoozeView),
        (models.Attempt, records.Attempt),
        (models.Touched, revisions.Touched),
        (models.Said, verbs.Said),
        (models.Remark, Problem),
    ],
)
def test_a_model_has_the_names_of_what_it_describes(model: type[BaseModel], told: type) -> None:
    assert set(model.model_fields) == of(told)


@pytest.mark.parametrize(
    ("model", "told"), [(models.Revision, revisions.Revision), (models.Spoken, revisions.Spoken)]
)
def test_an_entry_has_them_and_says_of_which_kind_it_is(model: type[BaseModel], told: type) -> None:
    assert set(model.model_fields) == of(told) | ONE_LINE


@pytest.mark.parametrize(
    ("model", "name", "words"),
    [
        (models.Message, "what", get_args(alerts.What)),
        (models.Touched, "how", get_args(revisions.How)),
    ],
)
def test_words_that_are_listed_are_those_that_there_are(
    model: type[BaseModel], name: str, words: tuple[str, ...]
) -> None:
    assert get_args(model.model_fields[name].annotation) == words


@pytest.mark.parametrize(
    ("model", "sample"),
    [
        (models.WholeWindow, samples.WINDOW),
        (models.Event, samples.EVENT),
        (models.Problem, samples.PROBLEM | {"errors": []}),
    ],
)
def test_an_example_is_whole_and_its_times_agree(model: type[BaseModel], sample: dict[str, Any]) -> None:
    assert model.model_validate(sample, strict=True).model_dump() == sample
    if model is models.WholeWindow:
        for name in ("start", "end"):
            assert views.local_iso(sample["timezone"], sample[name]) == sample[f"{name}_local"]
