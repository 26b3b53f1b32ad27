"""Asking the provider about domains: one that hangs keeps no other waiting, and a list is shared."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from worker.errors import ProviderError
from worker.ledger import Ledger
from worker.ledger.looks import Listing
from worker.provider import Provider
from worker.turns import Lane, Turn

_AT_ONCE: Final = 8

T = TypeVar("T")


def ask_each(domains: Collection[str], ask: Callable[[str], T]) -> dict[str, T | ProviderError]:
    """What came of each domain: an answer, or what stood against it. Raises whatever else is raised."""

    def heard(domain: str) -> T | ProviderError:
        try:
            return ask(domain)
        except ProviderError as error:
            return error

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="domain") as pool:
        return dict(zip(domains, pool.map(heard, domains), strict=True))


def listing(ledger: Ledger, provider: Provider, domain: str, oldest: float) -> Listing:
    """What the provider lists there: as somebody saw it at ``oldest`` (Unix seconds) or since, else anew.

    Raises ``ProviderError``.
    """
    kept = ledger.looks.whole(domain)
    if kept and kept.at >= oldest:
        return kept
    asked_at = ledger.now()
    rows = provider.list(domain, turn=Turn(Lane.BACKGROUND, asked_at))
    ledger.looks.keep(domain, rows, asked_at)
    return Listing(rows, asked_at)
