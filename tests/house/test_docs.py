"""Documents in step with what they describe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker.cli import VERBS
from worker.settings import VARIABLES

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def headings(text: str) -> list[str]:
    return re.findall(r"^(#+) ", FENCED.sub("", text), re.MULTILINE)


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def commands(text: str) -> set[str]:
    return set(
        re.findall(r"^\s*\$? ?((?:make|relaybeat|docker|git) [^#\n`]+?)\s*(?:#.*)?$", text, re.MULTILINE)
    )


def test_every_setting_is_documented_as_the_code_has_it() -> None:
    text = read("docs/settings.md")
    for variable in VARIABLES:
        assert f"| `{variable.name}` | {variable.meaning} | {variable.default} |" in text
    assert len(re.findall(r"^\| `[A-Z_]+` \|", text, re.MULTILINE)) == len(VARIABLES)


def test_every_secret_is_documented_as_one() -> None:
    section = read("docs/settings.md").partition("## Secrets")[2].partition("##")[0]
    assert {v.name for v in VARIABLES if v.secret} <= set(re.findall(r"`([A-Z_]+)`", section))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    assert re.search(rf"^#+ .*`?(relaybeat )?{verb}\b", read("docs/cli.md"), re.MULTILINE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in LINK.findall(FENCED.sub("", text)):
        file, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_chinese_readme_has_the_sections_and_commands_of_the_english_one() -> None:
    english, chinese = read("README.md"), read("README.zh-CN.md")
    assert headings(english) == headings(chinese)
    assert commands(english) == commands(chinese)
