"""Zones: where the rules come from, and that no change of the clock is overlooked."""

from __future__ import annotations

import importlib.resources
import struct
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import tzdata

from worker.recurrence import ZoneUnknown, zone

ALL = sorted(zoneinfo.available_timezones())
Y1800, DAY = -5_364_662_400, 86_400


def written_changes(key: str) -> list[tuple[int, int, int]]:
    """The changes of offset that a compiled zone file gives one by one (RFC 9636)."""
    data = importlib.resources.files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()
    isut, isstd, leap, count, kinds, chars = struct.unpack_from(">6l", data, 20)
    at = 44 + count * 5 + kinds * 6 + chars + leap * 8 + isstd + isut  # the second block has 64-bit moments
    count, kinds = struct.unpack_from(">3l2l", data, at + 20)[3:]
    at += 44
    moments = struct.unpack_from(f">{count}q", data, at)
    types = data[at + 8 * count : at + 9 * count]
    offsets = [struct.unpack_from(">l", data, at + 9 * count + 6 * kind)[0] for kind in range(kinds)]
    shown = [offsets[0], *(offsets[kind] for kind in types)]
    changes = zip(moments, shown[:-1], shown[1:], strict=True)
    return [change for change in changes if change[1] != change[2] and change[0] >= Y1800]


@pytest.mark.parametrize("key", ALL[::10])
def test_every_change_in_the_database_is_found(key: str) -> None:
    written = written_changes(key)
    until = max((at for at, _, _ in written), default=Y1800) + 1
    assert list(zone(key).changes(Y1800, until)) == written


def test_no_offset_lasts_so_short_that_looking_every_two_days_could_miss_it() -> None:
    gaps = [b[0] - a[0] for key in ALL for a, b in pairwise(written_changes(key))]
    assert min(gaps) > 2 * DAY


def test_changes_go_on_by_rule_where_the_database_stops_writing_them() -> None:
    since = int(datetime(2500, 1, 1, tzinfo=UTC).timestamp())
    assert [change.after for change in zone("Europe/Berlin").changes(since, since + 365 * DAY)] == [
        7200,
        3600,
    ]


def test_stretches_touch_and_cover_the_range() -> None:
    found = list(zone("Europe/Berlin").stretches(0, 2_000_000_000))
    assert found[0].start <= 0
    assert found[-1].end >= 2_000_000_000
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all((one.offset, one.after) == (other.before, other.offset) for one, other in pairwise(found))


def test_rules_come_from_the_tzdata_package_and_never_from_the_system() -> None:
    code = "import worker.recurrence, zoneinfo; print(zoneinfo.TZPATH)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "()\n"


def test_a_zone_that_was_loaded_before_is_replaced_by_the_packages() -> None:
    code = (
        "from zoneinfo import ZoneInfo; old = ZoneInfo('Europe/Berlin'); import worker.recurrence;"
        "print(old is ZoneInfo('Europe/Berlin'))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def test_the_database_is_new_enough_for_the_law_of_2026() -> None:
    assert tzdata.IANA_VERSION >= "2026f"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("asia/shanghai", "Asia/Shanghai"),
        (" Asia/Shanghai", "Asia/Shanghai"),
        ("Asia/Shangai", "Asia/Shanghai"),
        ("America", "America/"),
        ("Beijing", "Asia/Shanghai"),
        ("CST", "Asia/Shanghai, or America/Chicago"),
        ("UTC+8", "Asia/Shanghai"),
        ("GMT+9", "IANA"),
        ("New York", "America/New_York"),
        ("../../etc/passwd", "IANA"),
        ("/etc/localtime", "IANA"),
        ("zone.tab", "IANA"),
        ("", "IANA"),
        ("\0", "IANA"),
    ],
)
def test_what_is_no_zone_is_refused_with_a_suggestion(key: str, hint: str) -> None:
    with pytest.raises(ZoneUnknown) as caught:
        zone(key)
    assert hint in caught.value.hint
