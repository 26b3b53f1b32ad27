"""A ledger on the test's clock, and the stages on which attempts are played."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.ledgers import ClockedLedger, clocked
from tests.contract.stage import Stage, stage
from worker.provider.emulator.options import Duplicate


@pytest.fixture
def ledger(redis_url: str) -> ClockedLedger:
    """An empty one, whose time passes when it is told to."""
    return clocked(redis_url)


@pytest.fixture(params=list(Duplicate))
def play(request: pytest.FixtureRequest, redis_url: str) -> Iterator[Stage]:
    """A stage for each thing that a second create may do."""
    with stage(redis_url, request.param) as found:
        yield found


@pytest.fixture(params=list(Duplicate))
def lagging(request: pytest.FixtureRequest, redis_url: str) -> Iterator[Stage]:
    """The same with a provider that lists, and acts, three seconds late."""
    with stage(redis_url, request.param, list_lag=3.0, effect_lag=3.0) as found:
        yield found
