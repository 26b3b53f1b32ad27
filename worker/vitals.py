"""Whether anything still works: what the signs of life, the quota and the provider's refusals say (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from worker.conditions import Condition, Kind, Level
from worker.errors import Forbidden, NotFound, ProviderError, Throttled

SCOPE: Final = "vitals"
QUOTA: Final = "quota"
"""The scope of what waits for the quota."""
ACCOUNT: Final = "account"
"""The scope of what is refused to the account, whatever domain was asked about."""
SILENCE: Final = 40.0
"""Seconds without a sign after which nobody is there: many signs are missed by then, and people are told
within a minute."""
_BACKLOG: Final = 60
"""Seconds that placing what waits may take, at the pace of the quota, before it is too much."""
_TO_TICK: Final = 10
TO_RETURN: Final = 50.0
"""Seconds that everybody may take to show themselves again when Redis was away: Celery needs up to 41."""
_OF_ACCOUNT: Final = frozenset({Kind.CREDENTIALS_REFUSED, Kind.BILLING})


def of_processes(seen: Mapping[str, Iterable[float]], now: float, tick: float) -> Iterator[Condition]:
    """Who is silent. ``seen``: when each process of a role made progress last, ``tick`` the roles' work.

    Ticks need both a beat and a worker: if one of them is gone, that is the cause, and told alone.
    """
    silence = max(SILENCE, 4 * tick)
    last = {role: max(times, default=0.0) for role, times in seen.items()}
    silent = [role for role in ("beat", "worker") if now - last.get(role, 0.0) > silence]
    for role, kind in (("beat", Kind.BEAT_SILENT), ("worker", Kind.NO_WORKER)):
        if role in silent:
            yield _silent(kind, last.get(role, 0.0))
    if not silent and now - last.get("tick", 0.0) > silence:
        yield _silent(Kind.TICKS_STOPPED, last.get("tick", 0.0))


def of_quota(waiting_urgent: int, per_second: int) -> Iterator[Condition]:
    """Whether more wants to be placed than the quota can serve soon."""
    drain = waiting_urgent / per_second
    if drain > _BACKLOG:
        facts = {"waiting": waiting_urgent, "per_second": per_second, "seconds": round(drain)}
        yield Condition(kind=Kind.QUOTA_EXHAUSTED, level=Level.PAGE, scope=QUOTA, facts=facts)


def of_refusal(error: ProviderError, domain: str) -> Condition:
    """What a failed call to the provider says of the account, the domain, or the way there."""
    kind, patience = _meaning(error)
    account = kind in _OF_ACCOUNT
    return Condition(
        kind=kind,
        level=Level.PAGE,
        scope=ACCOUNT if account else refusals(domain),
        subject="" if account else domain,
        cause=error.code,
        patience=patience,
        facts={
            "domain": domain,
            "action": error.action,
            "code": error.vendor_code,
            "http_status": error.http_status,
            "request_id": error.request_id,
            "message": str(error),
        },
    )


def refusals(domain: str) -> str:
    """The scope of what the provider refuses when asked about a domain."""
    return f"provider:{domain}"


def _meaning(error: ProviderError) -> tuple[Kind, int]:
    """By the classes and codes of docs/provider.md: which kind it is, and how long it may last untold."""
    parent, _, detail = error.vendor_code.partition(".")
    match error:
        case Forbidden() if detail == "BillingStatus":
            return Kind.BILLING, 0
        case Forbidden() if parent == "RequestForbidden":
            return Kind.DOMAIN_UNKNOWN, 0
        case Forbidden():
            return Kind.CREDENTIALS_REFUSED, 0
        case NotFound():
            return Kind.DOMAIN_UNKNOWN, 60
        case Throttled():
            return Kind.QUOTA_EXHAUSTED, 60
        case _:
            return Kind.PROVIDER_UNREACHABLE, 30


def _silent(kind: Kind, last: float) -> Condition:
    """Who was never seen may be about to start; and ticks begin a little after who makes them."""
    patience = int(SILENCE) if not last else _TO_TICK if kind is Kind.TICKS_STOPPED else 0
    return Condition(kind=kind, level=Level.PAGE, scope=SCOPE, patience=patience, facts={"last": last})
