"""A world on disk, so that its relays survive the process: written whole, or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from worker.errors import ConfigError
from worker.provider.emulator.world import Change, Config, Key, Late, Op, Version, World


def save(world: World, path: Path) -> None:
    """Replaces the file in one step. It holds source addresses, so nobody else may read it."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(json.dumps(_written(world), default=_fields))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(world: World, path: Path) -> None:
    """Fills an empty world with what the file holds; a file that is not there holds nothing.

    Raises ``ConfigError`` for one that is not an emulator's.
    """
    try:
        _fill(world, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is not an emulator's state: {error}", hint="name another file with --state, or remove it"
        ) from None


def _written(world: World) -> dict[str, Any]:
    return {
        "version": 1,
        "next_task": world.next_task,
        "past": list(world.past.items()),
        "late": world.late,
        "play_triggered": [[*where, groups] for where, groups in world.play_triggered.items()],
        "deaths": list(world.deaths.items()),
        "forbidden": sorted(world.forbidden),
    }


def _fields(value: Any) -> dict[str, Any]:
    """A dataclass for JSON, one level at a time: ``asdict`` copies everything, at three times the price."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _fill(world: World, written: dict[str, Any]) -> None:
    if written["version"] != 1:
        raise ValueError(f"version {written['version']} is not known here")
    world.next_task = int(written["next_task"])
    world.past = {Key(**key): [_version(v) for v in versions] for key, versions in written["past"]}
    world.late = [_late(late) for late in written["late"]]
    world.play_triggered = {(vhost, app): groups for vhost, app, groups in written["play_triggered"]}
    world.deaths = {source: [(at, alive) for at, alive in states] for source, states in written["deaths"]}
    world.forbidden = {Key(**key) for key in written["forbidden"]}


def _version(written: dict[str, Any]) -> Version:
    return Version(written["at"], tuple(Config(**_with_sources(config)) for config in written["configs"]))


def _late(written: dict[str, Any]) -> Late:
    change = written["change"] | {"op": Op(written["change"]["op"]), "key": Key(**written["change"]["key"])}
    return Late(written["due"], written["request_id"], Change(**_with_sources(change)))


def _with_sources(written: dict[str, Any]) -> dict[str, Any]:
    return written | {"sources": tuple(written["sources"])}
