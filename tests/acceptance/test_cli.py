"""The command line as a whole: help, errors, exit codes, streams."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.command import RELAYBEAT, ROOT, relaybeat
from worker import __version__
from worker.cli import VERBS

SECRET = "open-sesame"


@pytest.mark.parametrize("args", [["--help"], ["-h"]])
def test_help_lists_every_verb(args: list[str]) -> None:
    said = relaybeat(*args)
    assert said.code == 0
    assert [verb for verb in VERBS if f"\n  {verb} " not in said.out] == []


def test_help_imports_no_verb() -> None:
    said = relaybeat("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert "worker.cli" in said.err
    assert [
        name for name in ("rich", "celery", "pydantic", "redis", "worker.cli.preview") if name in said.err
    ] == []


def test_the_version_is_told() -> None:
    assert relaybeat("--version").out == f"relaybeat {__version__}\n"


@pytest.mark.parametrize("args", [[], ["previw"], ["--bogus"], ["preview"], ["preview", "a", "b"]])
def test_misuse_is_exit_code_2_and_says_how_to_get_help(args: list[str]) -> None:
    said = relaybeat(*args)
    assert (said.code, said.out) == (2, "")
    assert "--help" in said.err


def test_a_mistyped_verb_is_guessed() -> None:
    assert "Did you mean 'preview'?" in relaybeat("previw").err


def test_an_error_says_what_and_what_to_do(tmp_path: Path) -> None:
    said = relaybeat("preview", tmp_path / "none.yaml")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ")
    assert "none.yaml" in said.err
    assert "hint: " in said.err


def test_an_unexpected_error_is_one_line_and_tells_how_to_see_more(broken: dict[str, str]) -> None:
    said = relaybeat("preview", "x.yaml", env=broken)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines()[0].startswith("error: unexpected RuntimeError: ")
    assert said.err.splitlines()[1:] == ["hint: set RELAYBEAT_DEBUG=1 to see where"]


def test_debugging_shows_where_an_error_happened(broken: dict[str, str]) -> None:
    said = relaybeat("preview", "x.yaml", env=broken | {"RELAYBEAT_DEBUG": "1"})
    assert "Traceback" in said.err


@pytest.mark.parametrize("debug", ["0", "1"])
def test_no_error_tells_a_password(broken: dict[str, str], debug: str) -> None:
    said = relaybeat("preview", "x.yaml", env=broken | {"RELAYBEAT_DEBUG": debug})
    assert "redis://" in said.err
    assert SECRET not in said.err


@pytest.fixture
def broken(tmp_path: Path) -> dict[str, str]:
    """An environment in which `preview` fails unforeseen, over an address with a password."""
    fault = f"raise RuntimeError('cannot use redis://:{SECRET}@127.0.0.1:6379/0')"
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys, types\nclass Fault(types.ModuleType):\n    def __getattr__(self, name): {fault}\n"
        "sys.modules['worker.cli.preview'] = Fault('worker.cli.preview')\n"
    )
    return {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}


def test_a_full_disk_is_an_error_and_not_a_traceback(weekly: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*RELAYBEAT, "preview", weekly, "--output", "jsonl"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode() == "error: No space left on device\n"


def test_a_reader_that_goes_away_is_no_error(busy: Path) -> None:
    with subprocess.Popen(
        [*RELAYBEAT, "preview", busy, "--output", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_ctrl_c_ends_quietly(busy: Path) -> None:
    with subprocess.Popen(
        [*RELAYBEAT, "preview", busy, "--output", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert err.strip() == b""


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "gbk"},
    ],
)
def test_output_is_utf8_in_any_locale(weekly: Path, locale: dict[str, str]) -> None:
    said = relaybeat("preview", weekly, env=locale)
    assert said.code == 0
    assert "晚间新闻" in said.out


def test_a_person_who_waits_sees_a_bar_and_the_file_does_not(busy: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*RELAYBEAT, "preview", busy, "--days", "1", "--limit", "20000", "--output", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT) as process:
        out, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "windows  [" in shown
    assert len([json.loads(line) for line in out.splitlines()]) == 20_000
