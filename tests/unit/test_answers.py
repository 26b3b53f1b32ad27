from __future__ import annotations

import gzip
import threading
from itertools import count

import pytest
from starlette.requests import Request

from worker.web.answers import Content, Kept, answered

LONG = Content(b"<p>" + b"on air " * 1_000)


class Stand:
    """Something that is shown, with a stamp and a stopwatch to be set."""

    def __init__(self) -> None:
        self.stamp, self.seconds, self.made = 1, 0.0, 0
        self.kept = Kept(lambda: self.stamp, lambda: self.seconds)

    def make(self) -> str:
        self.made += 1
        return f"made by {self.stamp}"

    def get(self, key: str = "page") -> Content:
        return self.kept.get(key, self.make)


@pytest.fixture
def stand() -> Stand:
    return Stand()


def asking(**headers: str) -> Request:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/live", "query_string": b"", "headers": told})


def test_what_is_asked_for_again_is_not_made_again(stand: Stand) -> None:
    assert stand.get() is stand.get()
    assert stand.made == 1


def test_a_change_is_seen_at_once(stand: Stand) -> None:
    stand.get()
    stand.stamp = 2
    assert stand.get().plain == b"made by 2"


def test_nothing_is_kept_for_longer_than_five_seconds(stand: Stand) -> None:
    stand.get()
    stand.seconds = 4.9
    stand.get()
    stand.seconds = 5.0
    stand.get()
    assert stand.made == 2


def test_what_came_out_the_same_keeps_its_tag(stand: Stand) -> None:
    before = stand.get()
    stand.seconds = 5.0
    assert stand.get().tag == before.tag


def test_each_key_has_its_own_answer(stand: Stand) -> None:
    ways = count()
    assert stand.kept.get("en", lambda: f"{next(ways)}") != stand.kept.get("zh", lambda: f"{next(ways)}")


def test_no_more_is_kept_than_some(stand: Stand) -> None:
    for n in range(100):
        stand.get(f"page {n}")
    stand.get("page 99")
    assert stand.made == 100
    stand.get("page 0")
    assert stand.made == 101


def test_what_fails_is_tried_again(stand: Stand) -> None:
    def fail() -> str:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        stand.kept.get("page", fail)
    assert stand.get().plain == b"made by 1"


def test_many_who_ask_at_once_get_one_rendering(stand: Stand) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        go_on.wait(10)
        return stand.make()

    found: list[Content] = []
    people = [threading.Thread(target=lambda: found.append(stand.kept.get("page", slowly))) for _ in range(8)]
    for person in people:
        person.start()
    begun.wait(10)
    go_on.set()
    for person in people:
        person.join(10)
    assert stand.made == 1
    assert len(found) == 8


def test_an_answer_has_a_tag_and_is_asked_for_anew() -> None:
    answer = answered(asking(), LONG, "text/html")
    assert answer.headers["etag"] == f'"{LONG.tag}"'
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.body == LONG.plain


def test_who_can_unpack_gets_it_packed_under_another_tag() -> None:
    answer = answered(asking(accept_encoding="br, gzip"), LONG, "text/html")
    assert gzip.decompress(bytes(answer.body)) == LONG.plain
    assert answer.headers["etag"] == f'"{LONG.tag}-gz"'
    assert "accept-encoding" in answer.headers["vary"].lower()


@pytest.mark.parametrize("offered", ["", "br", "gzip;q=0", "identity"])
def test_who_cannot_gets_it_plain(offered: str) -> None:
    assert "content-encoding" not in answered(asking(accept_encoding=offered), LONG, "text/html").headers


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"{}-gz"', '"other", "{}"', "*"])
def test_who_has_it_is_told_so_and_no_more(form: str) -> None:
    answer = answered(asking(if_none_match=form.format(LONG.tag)), LONG, "text/html")
    assert answer.status_code == 304
    assert answer.body == b""


def test_who_has_another_gets_this_one() -> None:
    assert answered(asking(if_none_match='"other"'), LONG, "text/html").status_code == 200
