"""Chromium, and a witness to what no page may do: leave this machine, complain, or fail in silence."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_SHOW_VIOLATIONS = """
addEventListener('securitypolicyviolation', e =>
  console.error(`CSP: ${e.violatedDirective} refused ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`))
"""
_RULES = {"resultTypes": ["violations"]}


def find_chromium() -> str:
    """Where it is, or nothing."""
    return next(filter(None, map(shutil.which, NAMES)), "")


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A browser that knows no address but this machine's. Its sandbox is on unless root runs it."""
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            chromium_sandbox=os.geteuid() != 0,
            args=["--disable-dev-shm-usage", nowhere],
        )
        with browser:
            yield browser


@dataclass
class Witness:
    """Notes what goes wrong in a context's pages. ``expected``: patterns of what a test brings about."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.route(lambda url: urlsplit(url).hostname not in _LOCAL, self._refuse)
        self.context.add_init_script(_SHOW_VIOLATIONS)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        self.context.on("requestfailed", self._failed)

    def expects(self, *patterns: str) -> None:
        """From now on these are no surprise."""
        self.expected += patterns

    def verdict(self) -> list[str]:
        """What nobody expected."""
        known = [re.compile(pattern) for pattern in self.expected]
        return [said for said in self.complaints if not any(each.search(said) for each in known)]

    def _refuse(self, route: Route) -> None:
        self.complaints.append(f"left this machine: {route.request.url}")
        route.abort()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a question that was under way when the page was left
            self.complaints.append(f"failed: {request.method} {request.url}: {request.failure}")


def violations(page: Page, **options: Any) -> list[str]:
    """What axe finds: each rule with the elements that break it, and why."""
    found = Axe().run(page, options=_RULES | options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]
    ]
