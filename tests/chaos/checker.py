"""The verdict on a storm: ``python -m tests.chaos.checker FOLDER`` (standard library only).

Knows the provider's documents and the promises, and nothing of the code that is judged.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.chaos.final import ledger_agrees
from tests.chaos.record import Case, Window, load
from tests.chaos.report import tally, write_report
from tests.chaos.rules import PROMISE, RULES, Court, Violation
from tests.chaos.weather import holes


@dataclass(frozen=True)
class Verdict:
    """What came of a storm."""

    violations: tuple[Violation, ...]
    counts: dict[str, Any]

    @property
    def clean(self) -> bool:
        return not self.violations


def judge(case: Case) -> Verdict:
    """Applies every rule."""
    court = Court(case)
    found = [violation for rule in (*RULES, ledger_agrees) for violation in rule(court)]
    return Verdict(tuple(sorted(found, key=lambda each: each.at)), _counts(court))


def judge_folder(folder: Path) -> Verdict:
    """Judges what a storm left behind, and writes ``verdict.json`` and ``report.md`` beside it."""
    case = load(folder)
    verdict = judge(case)
    told = {"clean": verdict.clean, "violations": [asdict(each) for each in verdict.violations]}
    (folder / "verdict.json").write_text(json.dumps(told | verdict.counts, indent=1), encoding="utf-8")
    write_report(folder / "report.md", case, verdict.violations, verdict.counts)
    return verdict


def _counts(court: Court) -> dict[str, Any]:
    case = court.case
    began = min(window.asked for window in case.windows)
    due = [each for each in court.judged if court.deadline(each) < min(each.relay.closes, each.leaving)]
    faults = Counter(line["what"] for line in case.storm if line["kind"] == "fault")
    requests = [line for line in case.log if line["kind"] == "request"]
    recoveries: dict[str, list[float]] = {}
    for line in case.storm:
        if line["kind"] == "recovered":
            recoveries.setdefault(line["what"], []).append(line["seconds"])
    return {
        "windows": len({window.id for window in case.windows}),
        "aired": sum(court.deadline(window) < court.end for window in due),
        "edits": sum(line["kind"] == "edit" for line in case.storm),
        "died_unasked": sum(line["kind"] == "died" for line in case.storm),
        "faults": dict(sorted(faults.items())),
        "left_out": sorted({line["what"] for line in case.storm if line["kind"] == "left out"}),
        "requests": len(requests),
        "provider_faults": sum(bool(line["fault"]) for line in requests),
        "seconds": round(court.end - began),
        "calm_seconds": round(court.end - began - sum(b - a for a, b in court.weather.bad)),
        "late_by_the_provider": sum(_excused(court, window) for window in court.judged),
        "handover_seconds": _handovers(court),
        "recovery_seconds": {what: _worst(seconds) for what, seconds in sorted(recoveries.items())},
    }


def _excused(court: Court, window: Window) -> bool:
    """Whether it came too late, and is not held against us because the provider failed its writes."""
    strict = max(window.relay.opens, court.weather.after(court.ready(window), PROMISE))
    last = min(court.deadline(window), window.relay.closes, window.leaving, court.end)
    return strict < last and bool(holes(strict, last, court.showing(window.slot, window.relay)))


def _handovers(court: Court) -> dict[str, float]:
    """How long after its start a window came that could not come sooner: its slot was taken, or it new."""
    waits = []
    for window in court.judged:
        spans = [span for span in court.showing(window.slot, window.relay) if span[1] > window.relay.opens]
        if spans and court.ready(window) >= window.relay.opens and window.relay.start:
            waits.append(max(0.0, min(first for first, _ in spans) - court.ready(window)))
    return _worst(waits)


def _worst(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {"n": 0}
    ordered = sorted(seconds)
    return {"n": len(ordered), "median": round(ordered[len(ordered) // 2], 1), "worst": round(ordered[-1], 1)}


def main() -> int:
    """Judges every folder that is named; 1 if one of them is not clean."""
    clean = True
    for name in sys.argv[1:]:
        verdict = judge_folder(Path(name))
        clean = clean and verdict.clean
        print(f"{name}: {tally(verdict.violations)}")  # noqa: T201 - this is what the command is for
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
