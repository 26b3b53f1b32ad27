"""What a machine remembers on its own disk."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import SOURCES
from worker.journal import Entry, Journal, Place, Snapshot
from worker.relay import PERMANENT, Relay, Slot, Span

PROVIDER = "https://provider.test"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
SLOT = Slot("pull.example.com", "live", "news")
RELAY = Relay(SLOT, SOURCES, Span(int(NOON), int(NOON) + 3_600))
ENTRY = Entry(NOON, "news@20261122T120000Z", SLOT, "create", RELAY, 7)
DELETE = replace(ENTRY, at=NOON + 60.25, verb="delete", relay=None)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal", PROVIDER)


def entries(journal: Journal) -> list[Entry]:
    return list(journal.entries(0.0))


def written(journal: Journal) -> list[str]:
    return sorted(path.name for path in journal.folder.glob("writes-*"))


def at(year: int, month: int) -> Entry:
    return replace(ENTRY, at=datetime(year, month, 9, tzinfo=UTC).timestamp())


# Writes.


def test_what_was_written_is_read_again_in_order(journal: Journal) -> None:
    for entry in (ENTRY, DELETE):
        journal.write(entry)
    assert entries(journal) == [ENTRY, DELETE]


relays = st.builds(
    Relay,
    st.builds(Slot, st.text(), st.text(), st.text()),
    st.lists(st.text(), min_size=1, max_size=10).map(tuple),
    st.integers(1, 2**30).map(lambda start: Span(start, start + 60)) | st.just(PERMANENT),
)


@given(
    relays,
    st.floats(0, 2**31, allow_nan=False),
    st.sampled_from(("create", "update")),
    st.text(),
    st.integers(0),
)
def test_every_write_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, relay: Relay, at: float, verb: str, window: str, fence: int
) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"), PROVIDER)
    entry = Entry(at, window, relay.slot, verb, relay, fence)  # type: ignore[arg-type]
    journal.write(entry)
    assert entries(journal) == [entry]


def test_a_write_is_on_disk_before_it_counts(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(os.fstat(file).st_ino))
    journal.write(ENTRY)
    folder = journal.folder
    (file,) = folder.iterdir()
    assert [path.stat().st_ino for path in (folder.parent, folder, file)] == flushed


def test_a_torn_last_line_is_left_out_and_spoils_no_other(journal: Journal) -> None:
    journal.write(ENTRY)
    (file,) = journal.folder.iterdir()
    whole = file.read_bytes()
    for cut in range(1, len(whole)):
        file.write_bytes(whole + whole[:-cut])
        journal.write(DELETE)
        assert entries(journal) == [ENTRY, DELETE]


def test_processes_that_write_at_once_keep_every_line_whole(journal: Journal) -> None:
    code = (
        "import sys; from pathlib import Path; from dataclasses import replace\n"
        "from tests.unit.test_journal import ENTRY, PROVIDER; from worker.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]), PROVIDER); sys.stdin.read()\n"
        "for fence in range(200): journal.write(replace(ENTRY, window=sys.argv[2], fence=fence))\n"
    )
    command = [sys.executable, "-c", code, str(journal.folder)]
    running = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for name in "ab"
    ]
    assert [each.communicate(timeout=60) and each.returncode for each in running] == [0, 0]
    for name in "ab":
        assert [e.fence for e in entries(journal) if e.window == name] == list(range(200))


def test_what_was_sent_to_another_provider_is_none_of_this_ones_business(journal: Journal) -> None:
    Journal(journal.folder, "https://other.test").write(ENTRY)
    journal.write(DELETE)
    assert entries(journal) == [DELETE]


def test_only_what_was_written_since_then_is_read(journal: Journal) -> None:
    for entry in (ENTRY, DELETE):
        journal.write(entry)
    assert list(journal.entries(NOON + 60)) == [DELETE]


def test_reading_goes_on_behind_a_place(journal: Journal) -> None:
    journal.write(at(2026, 10))
    journal.write(ENTRY)
    place = journal.end()
    assert not list(journal.entries(0.0, place))
    journal.write(DELETE)
    journal.write(at(2026, 12))
    assert list(journal.entries(0.0, place)) == [DELETE, at(2026, 12)]


def test_a_folder_that_is_not_there_holds_nothing(journal: Journal) -> None:
    assert entries(journal) == []
    assert journal.end() == Place()
    assert not journal.folder.exists()


# Files.


def test_each_month_of_the_world_clock_has_a_file(journal: Journal) -> None:
    last = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC).timestamp()
    for moment in (last, last + 1):
        journal.write(replace(ENTRY, at=moment))
    assert written(journal) == ["writes-2026-11.jsonl", "writes-2026-12.jsonl"]
    assert [entry.at for entry in entries(journal)] == [last, last + 1]


def test_a_new_month_forgets_what_is_more_than_two_months_old(journal: Journal) -> None:
    for year, month in ((2026, 10), (2026, 11), (2026, 12), (2027, 1)):
        journal.write(at(year, month))
    assert written(journal) == ["writes-2026-11.jsonl", "writes-2026-12.jsonl", "writes-2027-01.jsonl"]


def test_a_clock_that_was_set_back_forgets_nothing(journal: Journal) -> None:
    for month in (9, 10, 11, 8):
        journal.write(at(2026, month))
    assert len(written(journal)) == 4


def test_nobody_else_may_read_what_holds_source_addresses(journal: Journal) -> None:
    old = os.umask(0)
    try:
        journal.write(ENTRY)
        journal.keep("ledger", Snapshot(1.0, iter(["{}"])))
    finally:
        os.umask(old)
    assert journal.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in journal.folder.iterdir()} == {0o600}


# A disk that refuses.

USES: tuple[Callable[[Journal], object], ...] = (
    lambda journal: journal.write(ENTRY),
    lambda journal: journal.keep("ledger", Snapshot(1.0, iter([]))),
    lambda journal: journal.mark("ledger", "1", Place()),
)


@pytest.mark.parametrize("use", USES)
def test_a_disk_that_refuses_is_told_about_once_and_the_work_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, use: Callable[[Journal], object]
) -> None:
    (tmp_path / "state").write_text("in the way")
    journal = Journal(tmp_path / "state" / "journal", PROVIDER)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            use(journal)
    (line,) = caplog.messages
    assert "journal.broken" in line
    assert str(journal.folder) in line


def test_a_disk_that_refuses_again_is_told_about_again(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        journal.folder.parent.mkdir(exist_ok=True)
        journal.folder.write_text("in the way")
        journal.write(ENTRY)
        journal.folder.unlink()
        journal.write(ENTRY)
        (journal.folder / written(journal)[0]).unlink()
        journal.folder.rmdir()
    assert len(caplog.messages) == 2


def test_what_is_in_the_way_is_told_before_anything_is_written(journal: Journal) -> None:
    assert journal.trouble() == ""
    assert not journal.folder.parent.exists()
    journal.folder.parent.write_text("in the way")
    assert journal.trouble() == f"{journal.folder.parent} is not a folder"


# Snapshots.


def kept(journal: Journal, ledger: str = "ledger") -> tuple[float, list[str]] | None:
    found = journal.kept(ledger)
    return (found.stamp, list(found.texts)) if found else None


def test_a_snapshot_is_kept_for_each_ledger(journal: Journal) -> None:
    journal.keep("one:6379/0", Snapshot(1.5, iter(["a", "b"])))
    journal.keep("unix:/run/redis.sock/0", Snapshot(2.5, iter([])))
    assert kept(journal, "one:6379/0") == (1.5, ["a", "b"])
    assert kept(journal, "unix:/run/redis.sock/0") == (2.5, [])
    assert kept(journal, "one:6379/1") is None


def test_a_snapshot_that_is_cut_short_leaves_the_one_before(journal: Journal) -> None:
    journal.keep("ledger", Snapshot(1.0, iter(["a"])))

    def cut() -> object:
        yield "b"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.keep("ledger", Snapshot(2.0, cut()))  # type: ignore[arg-type]
    assert kept(journal) == (1.0, ["a"])
    journal.keep("ledger", Snapshot(3.0, iter(["c"])))
    assert kept(journal) == (3.0, ["c"])


def test_of_two_that_write_a_snapshot_at_once_one_leaves_it_to_the_other(journal: Journal) -> None:
    def meanwhile() -> object:
        yield "a"
        Journal(journal.folder, PROVIDER).keep("ledger", Snapshot(2.0, iter(["b"])))

    journal.keep("ledger", Snapshot(1.0, meanwhile()))  # type: ignore[arg-type]
    assert kept(journal) == (1.0, ["a"])


def test_a_snapshot_that_cannot_be_read_is_none(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    journal.keep("ledger", Snapshot(1.0, iter([])))
    next(journal.folder.glob("intent-*.jsonl")).write_bytes(b"\xff")
    assert kept(journal) is None
    assert "journal.broken" in caplog.text


# What one life of the ledger was told.


def test_a_mark_holds_for_one_life_of_one_ledger(journal: Journal) -> None:
    journal.mark("ledger", "1", Place("writes-2026-11.jsonl", 17))
    assert journal.marked("ledger", "1") == Place("writes-2026-11.jsonl", 17)
    assert journal.marked("ledger", "2") == Place()
    assert journal.marked("other", "1") == Place()
    assert Journal(journal.folder, "https://other.test").marked("ledger", "1") == Place()


@pytest.mark.parametrize("damaged", ["", "{}", "[]", "{", "null"])
def test_a_snapshot_without_a_readable_head_is_none(tmp_path: Path, damaged: str) -> None:
    journal = Journal(tmp_path, "http://provider.test")
    journal.keep("redis", Snapshot(1.0, iter(())))
    (kept,) = tmp_path.glob("intent-*.jsonl")
    kept.write_text(damaged, encoding="utf-8")
    assert journal.kept("redis") is None


@pytest.mark.parametrize("line", ["{}", "[]", "null", '{"provider": "http://provider.test"}'])
def test_a_line_that_is_none_of_ours_stops_nothing(tmp_path: Path, line: str) -> None:
    journal = Journal(tmp_path, "http://provider.test")
    (tmp_path / "writes-2026-11.jsonl").write_text(f"\n{line}", encoding="utf-8")
    assert list(journal.entries(0.0)) == []
