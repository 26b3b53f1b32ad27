"""The errand that lets somebody outside notice when the watch itself stops (healthchecks.io and its like)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

from worker import telemetry

_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Calls an address, but not while an errand of the watch hangs: then somebody should come and look.

    ``late`` names the errands that take too long.
    """

    url: str = field(repr=False)
    late: Callable[[], list[str]]
    name: str = "heartbeat"
    every: float = 30.0

    def step(self) -> None:
        """One call; an answer of whatever kind will do, for it was heard."""
        if hanging := self.late():
            telemetry.warn("watch.hangs", errands=",".join(hanging))
            return
        try:
            httpx.get(self.url, timeout=_TIMEOUT, trust_env=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            telemetry.warn("heartbeat.unheard", why=type(error).__name__)
