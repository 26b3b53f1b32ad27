"""Everything that the OpenAPI document allows is asked of the API, and much that it does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest
from schemathesis import openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.contract.api import OPERATE, Program
from tests.contract.desk import nightly
from worker.lifecycle import State

EXAMPLES = 6
"""Of each operation, beside those that cover its schema; 100 of them found nothing more."""
PLANS = ["/plan", "/apply"]
ANSWERS = ["2xx", "304", "404", "409", "412"]
"""What may be answered to a request that is well formed."""
CONFIG = {
    "seed": 20261123,
    "headers": {"Authorization": f"Bearer {OPERATE}"},
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    "checks": {"positive_data_acceptance": {"expected-statuses": ANSWERS}},
    # What an events file may say, no schema of a body can tell.
    "operations": [{"include-path": PLANS, "checks": {"positive_data_acceptance": {"enabled": False}}}],
}


@dataclass
class Asked:
    """What came of it: answers by operation and status, checks by name, and what failed."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def hear(self, event: object) -> None:
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.failures.append(str(event))
        if not isinstance(event, events.ScenarioFinished):
            return
        for case_id, seen in event.recorder.interactions.items():
            if seen.response:
                operation = event.recorder.cases[case_id].value.operation.label
                self.answers[operation, seen.response.status_code] += 1
        for checks in event.recorder.checks.values():
            for check in checks:
                self.checks[check.name] += 1
                if told := check.failure_info:
                    self.failures.append(f"{check.name}: {told.failure.message}\n{told.code_sample}")


@pytest.fixture
def asked(redis_url: str) -> Asked:
    program = Program(redis_url)
    program.desk.apply(nightly())
    program.desk.bring(program.desk.window(1), State.FAILED, reason="the provider refused it")
    schema = openapi.from_dict(program.reads("/openapi.json"), config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = program.app
    found = Asked()
    for event in from_schema(schema).execute():
        found.hear(event)
    return found


def test_every_answer_is_one_that_the_document_has(asked: Asked) -> None:
    assert "\n\n".join(asked.failures[:5]) == ""
    statuses = {status for _, status in asked.answers}
    assert statuses >= {200, 304, 401, 404, 405, 409, 412, 415, 422}
    operations = {operation for operation, _ in asked.answers}
    assert len(operations) == 19
    done = {operation for operation, status in asked.answers if status == 200}
    assert len(done) >= 12
    assert asked.checks.keys() >= {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "ignored_auth",
        "unsupported_method",
    }
