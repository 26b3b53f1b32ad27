"""Asking the provider about several domains at once, so that one that hangs keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from worker.errors import ProviderError

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
