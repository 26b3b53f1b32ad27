"""Other releases of the zones and the holidays: the packages as they are installed, but for one thing."""

from __future__ import annotations

import os
import shutil
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path

_KEEPS = ("worker.edition", "worker.recurrence", "worker.windows", "worker.views", "worker.calendars")


def release(folder: Path, version: str, **zones: str) -> Path:
    """A folder for ``sys.path`` with a ``tzdata`` of this version.

    ``Almaty="Asia/Dubai"`` gives Asia/Almaty that clock.
    """
    zoneinfo = _copied("tzdata", folder, version) / "zoneinfo"
    for city, like in zones.items():
        _replace(zoneinfo / "Asia" / city, (zoneinfo / like).read_bytes())
    return folder


def holiday_release(folder: Path, version: str, month: int, day: int) -> Path:
    """The same with ``holidays``, in which the United States have one more each year."""
    country = _copied("holidays", folder, version) / "countries" / "united_states.py"
    more = (
        "\n_usual = UnitedStates._populate_public_holidays"
        "\ndef _with_one_more(self):"
        f"\n    _usual(self); self._add_holiday('Day of Rest', {month}, {day})"
        "\nUnitedStates._populate_public_holidays = _with_one_more\n"
    )
    _replace(country, country.read_bytes() + more.encode())
    return folder


def _copied(name: str, folder: Path, version: str) -> Path:
    """The package as it is installed, by links, and under another version."""
    spec = find_spec(name)
    assert spec and spec.origin
    shutil.copytree(Path(spec.origin).parent, folder / name, copy_function=os.symlink)
    about = folder / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder / name


def _replace(file: Path, by: bytes) -> None:
    file.unlink()
    file.write_bytes(by)


@contextmanager
def in_force(folder: Path) -> Iterator[None]:
    """This process computes with that release, as if it had been started with it."""
    sys.path.insert(0, str(folder))
    _forget()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        _forget()


def _forget() -> None:
    """Whatever was read from the release before."""
    for name in [name for name in sys.modules if name.partition(".")[0] in {"tzdata", "holidays"}]:
        del sys.modules[name]
    invalidate_caches()
    zoneinfo.ZoneInfo.clear_cache()
    for name in [name for name in sys.modules if name.startswith(_KEEPS)]:
        for kept in vars(import_module(name)).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
