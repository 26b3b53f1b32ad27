"""Dry planning on the page: what a form sends, what comes back, and what of it is done."""

from __future__ import annotations

import asyncio
import io
import re
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

import httpx
import pytest

from tests.events_text import HEAD, show
from tests.sheets import book_of, csv_of, saved
from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import create_app
from worker.web.sessions import Session, Sessions

OPERATE, READ = "operates-0123456789", "reads-0123456789"
OPTIONS = {"timezone": "Asia/Shanghai", "domain": "pull.example.com", "app": "live", "stream": "{id}"}
SECRET = "rtmp://user:geheim-1@a.example.com/live/geheim-2"
NIGHTLY = show(sources=f'["{SECRET}"]')
WEEK = csv_of(
    ("title", "weekdays", "start", "duration", "source"),
    ("<script>alert(1)</script>", "Mon-Sun", "20:00", "1h", SECRET),
    ("Film", "Mon-Sun", "49:00", "1h", SECRET),
)


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser, who may have signed in."""

    runtime: Runtime
    role: str = "operate"
    cookies: dict[str, str] = field(default_factory=dict)

    def sent(self, files: Mapping[str, tuple[str, bytes]] | None = None, **fields: str) -> httpx.Response:
        """The answer to the form, with these fields and files."""
        plain = {name: (None, text) for name, text in (self._signed() | {"act": "look"} | fields).items()}
        return self._ask("POST", "/draft", files={**plain, **(files or {})})  # type: ignore[arg-type]

    def looked(self, path: str = "/draft") -> httpx.Response:
        return self._ask("GET", path)

    def revisions(self) -> list[str]:
        return [each.file for each in self.runtime.ledger.revisions.all()]

    def _signed(self) -> dict[str, str]:
        if self.role == "none":
            return {}
        sessions, session = Sessions(OPERATE, READ), Session(self.role, "ann", int(time.time()) + 900, "x")
        self.cookies["relaybeat"] = sessions.seal(session)
        return {"csrf": sessions.csrf(session)}

    def _ask(self, method: str, path: str, **body: object) -> httpx.Response:
        app = create_app(self.runtime, token=OPERATE, read_token=READ)
        self._signed()

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", cookies=self.cookies
            ) as client:
                return await client.request(method, path, **body)  # type: ignore[arg-type]

        return asyncio.run(ask())


@pytest.fixture
def planner(redis_url: str) -> Visitor:
    return Visitor(Runtime(Settings(redis_url=redis_url)))


def reader(planner: Visitor, role: str = "read") -> Visitor:
    return Visitor(planner.runtime, role)


def words(answer: httpx.Response) -> str:
    """What people read of a page, but for the field that holds their own text."""
    without = re.sub(r"(?s)<textarea.*?</textarea>", "", answer.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def typed(answer: httpx.Response) -> str:
    """What stands in the text field, as a browser would send it back."""
    found = re.search(r"(?s)<textarea[^>]*>\n?(.*?)</textarea>", answer.text)
    assert found
    return unescape(found[1]).replace("\n", "\r\n")


def shown(answer: httpx.Response) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', answer.text)
    assert found, words(answer)
    return found[1]


def applied(planner: Visitor, answer: httpx.Response, **fields: str) -> httpx.Response:
    """The answer to whoever has seen that one, and says yes."""
    return planner.sent(text=typed(answer), act="apply", shown=shown(answer), reason="autumn plan", **fields)


def test_a_plan_is_seen_then_applied_and_its_revision_told(planner: Visitor) -> None:
    seen = planner.sent(text=NIGHTLY)
    assert (seen.status_code, planner.revisions()) == (200, [])
    assert "would be added" in words(seen)
    done = applied(planner, seen)
    assert (done.status_code, done.headers["location"]) == (303, "/draft?revision=1")
    assert "Applied: revision 1" in words(planner.looked("/draft?revision=1"))
    (revision,) = planner.runtime.ledger.revisions.all()
    assert (revision.file, revision.by, revision.reason) == ("page", "ann", "autumn plan")


def test_applying_again_changes_nothing(planner: Visitor) -> None:
    seen = planner.sent(text=NIGHTLY)
    applied(planner, seen)
    again = applied(planner, seen)
    assert again.headers["location"] == "/draft?revision=0"
    assert "nothing to change" in words(planner.looked("/draft?revision=0"))
    assert len(planner.revisions()) == 1


def test_what_was_edited_since_is_shown_and_not_applied(planner: Visitor) -> None:
    seen = planner.sent(text=NIGHTLY)
    edited = planner.sent(
        text=NIGHTLY.replace("20", "21"), act="apply", shown=shown(seen), reason="autumn plan"
    )
    assert edited.status_code == 409
    assert "Nothing was applied" in words(edited)
    assert planner.revisions() == []
    assert applied(planner, edited).status_code == 303


def test_problems_are_told_with_links_to_their_lines(planner: Visitor) -> None:
    answer = planner.sent(text=show(cron='"99 * * * *"', duration="soon"))
    links = re.findall(r'href="#L(\d+)"', answer.text)
    assert links == ["5", "6"]
    assert all(f'id="L{n}"' in answer.text for n in links)
    assert "Problems: 2" in words(answer)
    assert 'value="apply"' not in answer.text


def test_without_a_reason_nothing_is_applied(planner: Visitor) -> None:
    seen = planner.sent(text=NIGHTLY)
    answer = planner.sent(text=NIGHTLY, act="apply", shown=shown(seen), reason=" ")
    assert (answer.status_code, planner.revisions()) == (409, [])
    assert "nobody said why" in words(answer)


def test_a_reason_keeps_no_secret(planner: Visitor) -> None:
    seen = planner.sent(text=NIGHTLY)
    planner.sent(text=NIGHTLY, act="apply", shown=shown(seen), reason=f"now {SECRET}")
    (revision,) = planner.runtime.ledger.revisions.all()
    assert "geheim" not in revision.reason


def test_what_has_problems_is_not_applied_even_if_somebody_insists(planner: Visitor) -> None:
    seen = planner.sent(text=NIGHTLY)
    answer = planner.sent(text=NIGHTLY + "  - {id: Bad id}\n", act="apply", shown=shown(seen), reason="x")
    assert (answer.status_code, planner.revisions()) == (422, [])


def test_a_text_that_is_no_yaml_is_told_where(planner: Visitor) -> None:
    answer = planner.sent(text=NIGHTLY + '  - "')
    assert "the quote that is opened here is never closed" in words(answer)


def test_secrets_stand_in_the_field_of_who_typed_them_and_nowhere_else(planner: Visitor) -> None:
    applied(planner, planner.sent(text=NIGHTLY))
    answer = planner.sent(text=NIGHTLY.replace("geheim-1", "geheim-3") + "  # geheimnis\n")
    assert "geheim-3" in typed(answer)
    assert "geheim-2" in typed(answer)
    assert "rtmp://***" in words(answer)
    assert "geheim-" not in words(answer)
    assert "geheim-1" not in answer.text
    assert "geheim-" not in planner.looked().text


def test_titles_and_reasons_are_text_and_never_markup(planner: Visitor) -> None:
    text = show(title='"</textarea><img src=x>"')
    seen = planner.sent(text=text)
    assert "<img" not in seen.text
    assert typed(seen).replace("\r\n", "\n") == text
    planner.sent(text=text, act="apply", shown=shown(seen), reason="<b>why</b>")
    assert "<b>why" not in planner.looked().text
    assert "<b>why</b>" in words(planner.looked())


def test_a_spreadsheet_becomes_an_events_file_with_a_verdict_on_each_row(planner: Visitor) -> None:
    seen = planner.sent({"file": ("week <1>.csv", WEEK.encode())}, **OPTIONS)
    assert seen.status_code == 200
    assert "Rows that are taken: 1 of 2" in words(seen)
    assert "row 3" in words(seen)
    assert "geheim" not in words(seen)
    assert "<script>alert" not in seen.text
    assert typed(seen).startswith("# Made by relaybeat import")
    assert applied(planner, seen, name="week <1>.csv").status_code == 303
    assert planner.revisions() == ["page:week <1>.csv"]


def test_a_workbook_is_read_with_what_its_formulas_gave(planner: Visitor) -> None:
    book = book_of(("title", "weekdays", "start", "duration"), ("=1+1", "Mon-Sun", "20:00", "1h"))
    answer = planner.sent({"file": ("week.xlsx", saved(book))}, **OPTIONS, sources="rtmp://a.example.com/x")
    assert "formula" in words(answer)


def test_a_workbook_that_would_unpack_to_more_than_fits_is_refused(planner: Visitor) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<" * 101_000_000)
    answer = planner.sent({"file": ("week.xlsx", bomb.getvalue())}, **OPTIONS)
    assert "more than an import takes" in words(answer)


def test_a_file_of_eight_megabytes_is_read_and_only_what_is_told_of_it_shown(planner: Visitor) -> None:
    text = NIGHTLY + "# comment\n" * 780_000 + "  - {id: Bad id}\n"
    answer = planner.sent({"file": ("big.yaml", text.encode())})
    assert len(re.findall(r'id="L\d+"', answer.text)) < 10


def test_events_that_mean_too_many_windows_are_left_to_the_command_line(planner: Visitor) -> None:
    answer = planner.sent(text=show(cron='"* * * * * *"', duration="1s"))
    assert "more than 100,000 windows" in words(answer)


def test_taking_away_much_wants_a_tick_and_says_how_much(planner: Visitor) -> None:
    two = NIGHTLY + NIGHTLY.removeprefix(HEAD).replace("show", "other")
    applied(planner, planner.sent(text=two))
    seen = planner.sent(text=NIGHTLY, prune="1")
    assert "Take away" in words(seen)
    refused = applied(planner, seen, prune="1")
    assert (refused.status_code, len(planner.revisions())) == (409, 1)
    most = re.search(r'name="most" value="(\d+)"', seen.text)
    assert most
    assert applied(planner, seen, prune="1", most=most[1]).status_code == 303


def test_who_may_only_read_sees_what_it_would_do_and_cannot_apply_it(planner: Visitor) -> None:
    for role in ("read", "none"):
        somebody = reader(planner, role)
        seen = somebody.sent(text=NIGHTLY)
        assert seen.status_code == 200
        assert 'value="apply"' not in seen.text
        assert somebody.sent(text=NIGHTLY, act="apply", shown="1.2", reason="x").status_code in {401, 403}
    assert planner.revisions() == []


def test_a_form_of_another_session_is_refused(planner: Visitor) -> None:
    assert planner.sent(text=NIGHTLY, csrf="guessed").status_code == 403


def test_the_page_says_what_counts_and_who_changed_it_last(planner: Visitor) -> None:
    assert "Nothing was applied to it yet." in words(planner.looked())
    applied(planner, planner.sent(text=NIGHTLY))
    assert "It was last changed by revision 1" in words(planner.looked())
    assert "autumn plan" in words(planner.looked())


def test_it_is_said_in_chinese(planner: Visitor) -> None:
    planner.cookies["lang"] = "zh"
    answer = planner.sent(text=NIGHTLY)
    assert "新增" in words(answer)
    assert "What would change" not in words(answer)
