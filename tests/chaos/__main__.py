"""``python -m tests.chaos``: storms, several at a time, and a verdict."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.chaos.checker import judge_folder
from tests.chaos.schedule import Strength
from tests.chaos.storm import PROFILES, SEMANTICS, Order, run
from tests.chaos.summary import table, write_summary

ROOT = Path(__file__).parents[2]


def say(text: str) -> None:
    """One line for whoever watches."""
    print(text, flush=True)  # noqa: T201 - this is what the command is for


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 if anything was violated, 2 if a storm could not be judged."""
    asked = _parser().parse_args(arguments)
    folder = (asked.folder or Path(tempfile.mkdtemp(prefix="relaybeat-chaos-"))).absolute()
    if asked.what == "one":
        return _one(_orders(asked)[0], folder)
    began = time.time()
    folders = _together(_orders(asked), folder, asked)
    write_summary(folder, folders, time.time() - began)
    say(table(folders))
    say(f"\neverything is kept in {folder}; begin with {folder / 'chaos.md'}")
    verdicts = [_verdict(each) for each in folders]
    return 2 if None in verdicts else 0 if all(verdicts) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.chaos", description=__doc__)
    parser.add_argument("what", nargs="?", default="some", choices=("some", "gate", "one"))
    parser.add_argument("--seeds", type=_list, default=None, help="such as 1,2,3")
    parser.add_argument("--minutes", type=float, default=None, help="of faults; a quiet minute follows")
    parser.add_argument("--semantics", type=_list, default=None, help=",".join(SEMANTICS))
    parser.add_argument("--profile", type=_list, default=None, help=",".join(PROFILES))
    parser.add_argument("--windows", type=int, default=None)
    parser.add_argument("--freeze", type=float, default=None, help="the longest freeze or hole, in seconds")
    parser.add_argument("--no-losses", action="store_true", help="neither FLUSHALL nor truncation")
    parser.add_argument("--separate-journals", action="store_true", help="a journal folder for each process")
    parser.add_argument("--calm", action="store_true", help="no faults but the provider's")
    parser.add_argument("--at-once", type=int, default=2, help="storms that run at the same time")
    parser.add_argument("--folder", type=Path, default=None)
    return parser


def _list(text: str) -> list[str]:
    return text.split(",")


def _orders(asked: argparse.Namespace) -> list[Order]:
    """The gate is every semantics and profile; the short form a few storms that differ in all three."""
    gate = asked.what == "gate"
    seeds = [int(seed) for seed in asked.seeds or (["1", "2", "3"])]
    minutes, windows = asked.minutes or (10.0 if gate else 3.0), asked.windows or (200 if gate else 90)
    strength = Strength(
        freeze=asked.freeze or (30.0 if gate else 15.0), losses=0.0 if asked.no_losses else 0.5
    )
    if asked.calm:
        strength = Strength(kills=0, freezes=0, cuts=0, losses=0, clocks=0)
    common = Order(
        minutes=minutes, windows=windows, strength=strength, separate_journals=asked.separate_journals
    )
    semantics, profiles = asked.semantics or SEMANTICS, asked.profile or PROFILES
    if gate or asked.semantics or asked.profile:
        return [
            replace(common, seed=n, semantics=s, profile=p)
            for n in seeds
            for s in semantics
            for p in profiles
        ]
    return [
        replace(
            common, seed=n, semantics=SEMANTICS[n % 3], profile=("ambiguous", "hell", "late", "mild")[n % 4]
        )
        for n in seeds
    ]


def _one(order: Order, folder: Path) -> int:
    """A storm in this very process."""
    run(order, folder, lambda told: say(f"{order.name}: {told}"))
    verdict = judge_folder(folder)
    for each in verdict.violations:
        say(f"{order.name}: {each.rule}: {each.subject}: {each.what}")
    return 0 if verdict.clean else 1


def _together(orders: list[Order], folder: Path, asked: argparse.Namespace) -> list[Path]:
    """Every storm in a process and a folder of its own, some at a time."""
    waiting, folders = list(orders), []
    running: list[subprocess.Popen[bytes]] = []
    try:
        while waiting or running:
            while waiting and len(running) < asked.at_once:
                order = waiting.pop(0)
                folders.append(folder / order.name)
                running.append(subprocess.Popen(_command(order, folders[-1], asked), cwd=ROOT))
            running = [process for process in running if process.poll() is None]
            time.sleep(0.2)
    finally:
        for process in running:
            process.terminate()
            process.wait()
    return folders


def _command(order: Order, folder: Path, asked: argparse.Namespace) -> list[str]:
    told = {
        "--seeds": order.seed, "--minutes": order.minutes, "--semantics": order.semantics,
        "--profile": order.profile, "--windows": order.windows, "--freeze": order.strength.freeze,
        "--folder": folder,
    }  # fmt: skip
    flags = [
        f"--{name.replace('_', '-')}"
        for name in ("no_losses", "separate_journals", "calm")
        if getattr(asked, name)
    ]
    words = [str(word) for pair in told.items() for word in pair]
    return [sys.executable, "-m", "tests.chaos", "one", *words, *flags]


def _verdict(folder: Path) -> bool | None:
    try:
        return bool(json.loads((folder / "verdict.json").read_text(encoding="utf-8"))["clean"])
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
