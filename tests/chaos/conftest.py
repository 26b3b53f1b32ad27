"""The storm comes last: it takes minutes, and most mistakes are found sooner."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "storm: the whole product in a storm of some minutes; runs last")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("storm") is not None)
