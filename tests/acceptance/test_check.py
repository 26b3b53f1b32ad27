"""``relaybeat check``: the real command on good, wrong and hostile files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.command import ROOT, relaybeat

MISTAKES = ROOT / "tests" / "data" / "fifty_mistakes.yaml"
BOMB = b"a: &a [x]\n" + b"".join(b"a%d: &a [*a, *a, *a, *a, *a, *a, *a, *a]\n" % n for n in range(40))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_pass_without_a_warning(path: Path) -> None:
    said = relaybeat("check", path)
    assert (said.code, said.err) == (0, "")
    told = [line for line in said.out.splitlines() if "nothing is known of 20" not in line]  # late each year
    assert len(told) == 1
    assert "no problems" in told[0]


def test_every_problem_is_printed_with_its_line_and_a_summary() -> None:
    said = relaybeat("check", MISTAKES)
    lines = said.out.splitlines()
    assert (said.code, said.err, len(lines)) == (1, "", 51)
    assert all(line.startswith(f"{MISTAKES}:") for line in lines)
    assert "50 problems" in lines[-1]


def test_scripts_get_every_problem_as_json() -> None:
    said = relaybeat("check", MISTAKES, "--output", "json")
    found = json.loads(said.out)
    assert (said.code, said.err, len(found["problems"]), found["warnings"]) == (1, "", 50, [])
    assert found["problems"][0] == {
        "file": str(MISTAKES),
        "line": 2,
        "column": 1,
        "event": "",
        "field": "version",
        "message": "version '2' is not known",
        "hint": "write version: 1",
        "severity": "error",
    }


def test_warnings_are_printed_and_stop_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.yaml"
    path.write_bytes(ROOT.joinpath("examples", "minimal.yaml").read_bytes() + b"    pad_after: 22h\n")
    said = relaybeat("check", path)
    assert (said.code, said.out.count(": warning: event 'nightly-news': on ")) == (0, 1)
    found = json.loads(relaybeat("check", path, "--output", "json").out)
    assert (found["events"], found["problems"], len(found["warnings"])) == (1, [], 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(bytes(range(256)) * 40, "not UTF-8", id="binary"),
        pytest.param(b"nonsense " * 1_200_000, "larger than 8 MB", id="10 MB of nonsense"),
        pytest.param(BOMB, "more than 1,000,000 values", id="a bomb"),
        pytest.param(b"[" * 1_000_000, "nested too deeply", id="deep"),
        pytest.param(b"version: 1\nevents:\n  - id: 'a", "this is not YAML", id="cut short"),
    ],
)
def test_a_hostile_file_is_one_clear_problem(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "events.yaml"
    path.write_bytes(content)
    found = relaybeat("check", path)
    assert (found.code, found.err, len(found.out.splitlines())) == (1, "", 2)
    assert said in found.out.splitlines()[0]


@pytest.mark.parametrize("name", [".", "missing.yaml"])
def test_what_is_no_file_is_one_clear_problem(tmp_path: Path, name: str) -> None:
    found = relaybeat("check", tmp_path / name)
    assert (found.code, found.err) == (1, "")
    assert "check the path" in found.out


@pytest.mark.parametrize("args", [(), ("a", "b"), ("a", "--output", "xml")])
def test_wrong_usage_exits_with_2(args: tuple[str, ...]) -> None:
    found = relaybeat("check", *args)
    assert (found.code, found.out) == (2, "")


def test_no_secret_of_a_source_is_ever_printed(weekly: Path) -> None:
    broken = weekly.with_name("broken.yaml")
    broken.write_text(
        weekly.read_text(encoding="utf-8").replace("a.example.com", "10.0.0.1"), encoding="utf-8"
    )
    said = relaybeat("check", broken, "--output", "json")
    assert "lies inside a network" in said.out
    assert not any(secret in said.out + said.err for secret in ("password-1", "streamkey-1", "token-2"))
