"""``preview --output jsonl`` over hourly events: windows a second, and the most memory the process held.

The peer is the least a user would write: tz-aware croniter for the starts, ``json.dumps`` for a line with the
times and the sources; no file read, nothing masked, no order across events. Ours is the whole command, from
starting the process to its last line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from croniter import croniter

SINCE = datetime(2026, 12, 1, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
SIZES = ((1_000, 1), (1_000, 10), (10_000, 1), (10_000, 10))
SAMPLE = 20


def main() -> None:
    theirs = _peer()
    print(f"croniter and json.dumps: {theirs:,.0f} windows a second\n")
    print("| events | days | windows | seconds | windows a second | of the peer's | peak memory |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for events, days in SIZES:
            print(_row(Path(folder), events, days, theirs), flush=True)


def _row(folder: Path, events: int, days: int, theirs: float) -> str:
    path = folder / f"{events}.yaml"
    path.write_text(_file(events), encoding="utf-8")
    started = time.perf_counter()
    windows, memory = _preview(path, days)
    seconds = time.perf_counter() - started
    rate = windows / seconds
    return (
        f"| {events:,} | {days} | {windows:,} | {seconds:.1f} | {rate:,.0f} | {rate / theirs:.1f}x "
        f"| {memory / 1024:.0f} MB |"
    )


def _preview(path: Path, days: int) -> tuple[int, int]:
    """Lines written, and the most kilobytes held."""
    command = [sys.executable, "-m", "worker", "preview", str(path), "--output", "jsonl"]
    process = subprocess.Popen(
        [*command, "--from", SINCE.isoformat(), "--days", str(days)], stdout=subprocess.PIPE
    )
    assert process.stdout
    with process.stdout as out:
        windows = sum(block.count(b"\n") for block in iter(lambda: out.read(1 << 20), b""))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"preview ended with {process.returncode}")
    return windows, usage.ru_maxrss


def _peer() -> float:
    """Windows a second that croniter and json give, over a sample of the events and 30 days."""
    until, done, started = SINCE + timedelta(days=30), 0, time.perf_counter()
    for n in range(SAMPLE):
        zone = ZoneInfo(ZONES[n % len(ZONES)])
        starts = croniter(f"{n % 60} * * * *", SINCE.astimezone(zone))
        while (start := starts.get_next(datetime)) < until:
            end = start + timedelta(minutes=30)
            line = {
                "id": f"e{n}",
                "start": int(start.timestamp()),
                "end": int(end.timestamp()),
                "start_local": start.isoformat(),
                "end_local": end.isoformat(),
                "sources": [f"rtmp://a.example.com/live/{n}"],
            }
            json.dumps(line, ensure_ascii=False)
            done += 1
    return done / (time.perf_counter() - started)


def _file(events: int) -> str:
    head = "version: 1\ndefaults: {domain: pull.example.com, app: live}\nevents:\n"
    return head + "".join(
        f"  - {{id: e{n}, title: 节目 {n}, cron: '{n % 60} * * * *', stream: s{n}, duration: 30m,"
        f" timezone: {ZONES[n % len(ZONES)]}, sources: ['rtmp://user:key-{n}@a.example.com/live/{n}']}}\n"
        for n in range(events)
    )
