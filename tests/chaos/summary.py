"""Several storms in one table, for the terminal and for ``chaos.md``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLUMNS = ("storm", "windows", "aired", "edits", "requests", "faults", "provider", "verdict")


def table(folders: Sequence[Path]) -> str:
    """One line a storm, and one for all."""
    rows = [_row(folder.name, _read(folder)) for folder in folders]
    widths = [max(len(row[n]) for row in (COLUMNS, *rows)) for n in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (COLUMNS, *rows)
    )


def write_summary(folder: Path, folders: Sequence[Path], seconds: float) -> None:
    """``chaos.md`` for people and ``chaos.json`` for scripts: what was done in all, and what came of it."""
    found = {each.name: _read(each) for each in folders}
    total = _total(list(found.values()))
    (folder / "chaos.json").write_text(
        json.dumps({"total": total, "storms": found}, indent=1), encoding="utf-8"
    )
    lines = [f"# {len(folders)} storms in {seconds / 60:.0f} minutes", ""]
    lines += [f"- {name.replace('_', ' ')}: {value}" for name, value in total.items()]
    lines += ["", "| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    lines += ["| " + " | ".join(_row(name, each)) + " |" for name, each in found.items()]
    lines += ["", "Each storm's folder has its own `report.md`, logs and journals.", ""]
    (folder / "chaos.md").write_text("\n".join(lines), encoding="utf-8")


def _read(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _row(name: str, told: dict[str, Any]) -> tuple[str, ...]:
    if not told:
        return (name, *[""] * (len(COLUMNS) - 2), "not judged: it broke off")
    numbers = [str(told[key]) for key in ("windows", "aired", "edits", "requests")]
    verdict = ", ".join(f"{n} {rule}" for rule, n in _rules(told).most_common()) or "clean"
    left_out = "".join(f"; left out: {what}" for what in told["left_out"])
    return (
        name,
        *numbers,
        str(sum(told["faults"].values())),
        str(told["provider_faults"]),
        verdict + left_out,
    )


def _rules(told: dict[str, Any]) -> Counter[str]:
    return Counter(each["rule"] for each in told["violations"])


def _total(found: list[dict[str, Any]]) -> dict[str, Any]:
    judged = [each for each in found if each]
    faults: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    worst: dict[str, float] = {}
    for each in judged:
        faults.update(each["faults"])
        rules.update(_rules(each))
        for what, told in each["recovery_seconds"].items():
            worst[what] = max(worst.get(what, 0.0), told["worst"])
    return {
        "violations": sum(rules.values()),
        "by_rule": dict(rules),
        "not_judged": len(found) - len(judged),
        **{
            name: sum(each[name] for each in judged)
            for name in ("windows", "aired", "edits", "requests", "seconds")
        },
        **{
            n: sum(each[n] for each in judged)
            for n in ("provider_faults", "late_by_the_provider", "died_unasked")
        },
        "faults": dict(sorted(faults.items())),
        "worst_recovery_seconds": worst,
    }
