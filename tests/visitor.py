"""Somebody with a browser, and what stands on the pages they get."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from worker.runtime import Runtime
from worker.web import create_app
from worker.web.sessions import Session, Sessions

OPERATE, READ = "operates-0123456789", "reads-0123456789"
_VOID = {"meta", "link", "input", "br", "hr", "img", "wbr", "use", "path"}


@dataclass
class Node:
    """An element. ``text`` is what people read in it, white space as it is shown."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inner: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(each if isinstance(each, str) else each.text for each in self.inner).split())

    def all(self, tag: str, **attributes: str) -> list[Node]:
        """The elements within of this tag that have these attributes; of a class, any will do."""
        return [each for each in self._within() if each.tag == tag and each._has(attributes)]

    def one(self, tag: str, **attributes: str) -> Node:
        (found,) = self.all(tag, **attributes)
        return found

    def _within(self) -> Iterator[Node]:
        for each in self.inner:
            if isinstance(each, Node):
                yield each
                yield from each._within()

    def _has(self, attributes: dict[str, str]) -> bool:
        for name, value in attributes.items():
            held = self.attributes.get(name.rstrip("_"), "")
            if value not in (held.split() if name == "class_" else [held]):
                return False
        return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inner.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop().tag == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.open[-1].inner.append(data)


def read(answer: httpx.Response) -> Node:
    """The page, every element of which must be closed."""
    reader = _Reader()
    reader.feed(answer.text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is left open"
    return reader.open[0]


@dataclass(frozen=True)
class Visitor:
    """Signed in as ann in this role, or, where that is ``none``, somebody at this machine."""

    runtime: Runtime
    role: str = "operate"

    def gets(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, headers=headers)

    def sees(self, path: str, **headers: str) -> Node:
        answer = self.gets(path, **headers)
        assert answer.status_code == 200, answer.text
        return read(answer)

    def posts(self, path: str, **fields: str) -> httpx.Response:
        return self._ask("POST", path, data={"csrf": self._session()[1]} | fields)

    def _session(self) -> tuple[str, str]:
        sessions, session = Sessions(OPERATE, READ), Session(self.role, "ann", int(time.time()) + 900, "x")
        return sessions.seal(session), sessions.csrf(session)

    def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        app = create_app(self.runtime, token=OPERATE, read_token=READ)
        cookies = {} if self.role == "none" else {"relaybeat": self._session()[0]}

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", cookies=cookies
            ) as client:
                return await client.request(method, path, **rest)

        return asyncio.run(ask())
