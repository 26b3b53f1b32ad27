"""The storm takes minutes: it comes last where tests run one by one, first where they run side by side."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    side_by_side = hasattr(config, "workerinput")
    items.sort(key=lambda item: item.get_closest_marker("storm") is not None, reverse=side_by_side)
