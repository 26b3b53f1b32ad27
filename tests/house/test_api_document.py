"""``docs/api.md`` has every operation and every code, its examples can be sent, and the code has no other."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.reports import FOLLOWING
from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import problems
from worker.web.api import BASE, asking, create
from worker.web.api.document import CODES, document
from worker.web.desk import Desk
from worker.web.limits import Limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BODIES = {"extend": asking.Longer, "override": asking.Other, "add": asking.Added, "cancel": asking.Forcing}
RAISED = ("access.py", "limits.py", "api/saying.py", "api/drafts.py", "api/reading.py")


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document(create(Desk(Runtime(Settings(redis_url="redis://127.0.0.1:1/0")))), BASE)


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_the_page_has_every_operation(told: dict[str, Any]) -> None:
    written = re.findall(r"^\| `([A-Z]+ /\S+)` \|", PAGE, re.MULTILINE)
    assert sorted(written) == sorted(f"{method.upper()} {path}" for method, path, _ in operations(told))


def test_the_page_has_every_code_with_its_meaning() -> None:
    rows = [
        f"| {status} | `{code}` | {words} |"
        for status, codes in CODES.items()
        for code, words in codes.items()
    ]
    assert re.findall(r"^\| \d{3} \| `.*", PAGE, re.MULTILINE) == rows


def raised() -> Iterator[tuple[int, str]]:
    """What is refused with a code of its own, wherever that stands."""
    for name in RAISED:
        for node in ast.walk(ast.parse((ROOT / "worker" / "web" / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Denied":
                match node.args:
                    case [ast.Constant(int() as status), ast.Constant(str() as code), *_]:
                        yield status, code


def test_every_code_that_is_answered_with_is_in_the_document() -> None:
    known = {(status, code) for status, codes in CODES.items() for code in codes}
    found = {*raised()} - {(403, "csrf")}  # which is of forms alone
    assert len(found) > 6
    assert found <= known
    assert {(status, code) for status, code in problems._CODES.items()} <= known
    for kind, status in problems._STATUS.items():
        assert status == 502 or kind.code in CODES[status]


def test_the_page_has_the_limits() -> None:
    limits = Limits()
    assert f"{limits.reads.per_second} reads and {limits.writes.per_second} writes a second" in PAGE
    assert f"{asking.MOST:,} at most" in PAGE


def test_the_words_for_states_are_on_the_page() -> None:
    assert all(f"`{word}`" in PAGE for word in FOLLOWING)


@pytest.mark.parametrize(
    ("verb", "body"), re.findall(r"/(\w+)\" [^\n]*?(?:\\\n[^\n]*?)*--json '([^']+)'", PAGE)
)
def test_every_example_can_be_said(verb: str, body: str) -> None:
    assert BODIES[verb].model_validate(json.loads(body))


def test_there_are_examples() -> None:
    assert PAGE.count("--json '") == 4


def test_every_operation_says_what_it_is_and_can_be_called_by_a_name_of_its_own(told: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(told)]
    names = [each["operationId"] for each in found]
    assert len(set(names)) == len(names)
    for each in found:
        assert re.fullmatch("[a-z]+", each["operationId"])
        assert each["summary"] and each["description"]
        assert [{"name": tag} for tag in each["tags"]] == [
            {"name": tag["name"]} for tag in told["tags"] if tag["name"] in each["tags"]
        ]


def test_names_of_operations_stay(told: dict[str, Any]) -> None:
    reads = {"windows", "window", "report", "events", "event", "status", "alerts", "history"}
    words = {
        "retry",
        "cancel",
        "stop",
        "extend",
        "override",
        "clear",
        "pause",
        "resume",
        "add",
        "plan",
        "apply",
    }
    assert {operation["operationId"] for _, _, operation in operations(told)} >= reads | words


def test_every_problem_is_a_problem_document_and_every_answer_has_a_description(told: dict[str, Any]) -> None:
    for method, _, operation in operations(told):
        answers = operation["responses"]
        assert answers.keys() >= {"200", "401", "403", "429", "500", "503"}
        assert ("304" in answers) is (method == "get")
        for status, answer in answers.items():
            assert answer["description"]
            kinds = set(answer.get("content", {}))
            assert kinds == ({"application/problem+json"} if status[0] in "45" else kinds - {"text/html"})


def test_the_document_refers_to_nothing_that_is_not_in_it_and_to_no_other_host(told: dict[str, Any]) -> None:
    text = json.dumps(told)
    assert told["openapi"] == "3.1.0"
    for ref in set(re.findall(r'"#/([^"]+)"', text)):
        found: Any = told
        for name in ref.split("/"):
            found = found[name]
    assert not re.findall(r"https?://(?!\S*example\.com)[^\s\"]+", text)
