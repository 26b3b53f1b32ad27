"""The checker of storms shares nothing with what it judges: the standard library, and its own files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

CHAOS = Path(__file__).parents[1] / "chaos"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_checker_imports_the_standard_library_and_itself_alone() -> None:
    reached, waiting = set(), {"checker"}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for found in imports(CHAOS / f"{name}.py"):
            package, _, module = found.rpartition(".")
            if package == "tests.chaos":
                waiting |= {module} - reached
            else:
                assert found.split(".", maxsplit=1)[0] in sys.stdlib_module_names, (
                    f"{name}.py imports {found}"
                )
    assert len(reached) > 4
