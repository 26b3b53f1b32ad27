"""Another release of the zones: the package as it is installed, with one zone moved to another's clock."""

from __future__ import annotations

import shutil
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path

import tzdata

_INSTALLED = Path(str(tzdata.__file__)).parent
_KEEPS = ("worker.edition", "worker.recurrence", "worker.windows", "worker.views", "worker.calendars")


def release(folder: Path, version: str, **zones: str) -> Path:
    """A folder for ``sys.path`` with a ``tzdata`` of this version.

    ``Almaty="Asia/Dubai"`` gives Asia/Almaty that clock.
    """
    package = folder / "tzdata"
    shutil.copytree(_INSTALLED, package, ignore=shutil.ignore_patterns("__pycache__"))
    for city, like in zones.items():
        shutil.copyfile(_INSTALLED / "zoneinfo" / like, package / "zoneinfo" / "Asia" / city)
    about = folder / f"tzdata-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tzdata\nVersion: {version}\n")
    return folder


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
    for name in [name for name in sys.modules if name.partition(".")[0] == "tzdata"]:
        del sys.modules[name]
    invalidate_caches()
    zoneinfo.ZoneInfo.clear_cache()
    for name in [name for name in sys.modules if name.startswith(_KEEPS)]:
        for kept in vars(import_module(name)).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
