"""Holds a part of the file against its model, and tells what is wrong in words for planners."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from worker.events.document import Mapped, Tree
from worker.events.problems import Fault, Way
from worker.events.schema import Dst, Exception_, Extra

Given = dict[str, Any]
"""The values that a part of the file gives, by the names of its model; nothing that is merely a default."""

_INSIDE: Final[dict[str, type[BaseModel]]] = {"exceptions": Exception_, "extra": Extra, "dst": Dst}
_WORDS: Final[dict[str, Callable[[Mapping[str, Any]], tuple[str, str]]]] = {
    "value_error": lambda ctx: (str(ctx["error"]), getattr(ctx["error"], "hint", "")),
    "missing": lambda _: ("this is missing", "write it here; docs/events.md says what it is"),
    "model_type": lambda _: ("a mapping belongs here", "write its keys below, each as key: value"),
    "tuple_type": lambda _: (
        "a list belongs here",
        "write its items below, each with - in front, or remove the key",
    ),
}


def validate(model: type[BaseModel], raw: Tree, way: Way) -> tuple[Given, list[Fault]]:
    """What is good of ``raw``, and what is wrong with the rest; the model itself must demand no field."""
    try:
        return given(model.model_validate(raw)), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    faults = [_fault(error, model, way) for error in errors]
    if not isinstance(raw, Mapped):
        return {}, faults
    bad = {error["loc"][0] for error in errors}
    return given(model.model_validate({key: raw[key] for key in raw if key not in bad})), faults


def given(entry: BaseModel) -> Given:
    """The fields that were written."""
    return {name: getattr(entry, name) for name in entry.model_fields_set}


def _fault(error: ErrorDetails, model: type[BaseModel], way: Way) -> Fault:
    inner = error["loc"]
    if error["type"] == "extra_forbidden":
        held = next((_INSIDE[key] for key in reversed(inner[:-1]) if key in _INSIDE), model)
        return Fault(way + inner, *_unknown(str(inner[-1]), held))
    context = error.get("ctx", {})
    blamed = getattr(context.get("error"), "at", "")
    return Fault(way + inner + ((blamed,) if blamed else ()), *_WORDS[error["type"]](context))


def _unknown(key: str, model: type[BaseModel]) -> tuple[str, str]:
    """What to say of a key that the model does not have, and the hint."""
    near = difflib.get_close_matches(key.lower(), model.model_fields, n=1, cutoff=0.6)
    return f"there is no key {key!r} here", f"did you mean {near[0]}?" if near else _all(model)


def _all(model: type[BaseModel]) -> str:
    return "one of " + ", ".join(model.model_fields)
