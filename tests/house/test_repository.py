"""What a stranger's clone holds: nothing of the machines it was written on, and pins that agree."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HOSTS = [
    ".".join(name)  # written apart, for this file is read too
    for name in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    ]
]
MACHINE = re.compile(r"(?<![\w.:/-])/(root|work|home/\w+|Users/\w+)/")


def tracked() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_bytes().decode("utf-8", errors="replace")


def test_no_file_names_a_package_registry_or_a_path_of_some_machine() -> None:
    for name, text in tracked():
        assert not [host for host in HOSTS if host in text], name
        assert not MACHINE.search(text), (name, MACHINE.search(text))


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["run", "test", "lint", "bench"])
def test_every_pin_has_a_hash_and_says_nothing_of_where_it_came_from(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text and "--index" not in text


@pytest.mark.parametrize("name", ["run", "test", "lint", "bench"])
def test_pins_hold_what_the_project_asks_for(name: str) -> None:
    project = PROJECT["project"]
    asked = project["dependencies"] + project["optional-dependencies"].get(name, [])
    asked += PROJECT["build-system"]["requires"]
    held = pins(name)
    for each in map(Requirement, asked):
        assert each.specifier.contains(held[each.name.lower()]), f"{each}: run make pins"


def test_the_sets_agree_with_one_another() -> None:
    run = pins("run")
    for name in ("test", "lint", "bench"):
        assert run.items() <= pins(name).items()


def test_the_build_takes_the_setuptools_that_is_pinned() -> None:
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]
