"""Messages on their way to real channels: at least once, in order, and none held up by another."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.contract.ledgers import ClockedLedger
from worker.alerts.carrier import GATHER, Carrier
from worker.alerts.channels import ChannelFailed, Sender, parse_channels
from worker.alerts.sheet import sheet
from worker.conditions import Condition, Kind, Level
from worker.embedded import RedisServer
from worker.errors import SettingsError
from worker.ledger import Ledger
from worker.ledger.alerts import Snooze
from worker.ledger.client import connect
from worker.redact import mask_text

SECRET = "s3cret-of-the-hook"
SCOPE = "vitals"


@dataclass
class Hook:
    """A webhook's receiver: what it was sent, and how it answers."""

    status: int = 200
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=canary"

    @property
    def titles(self) -> list[str]:
        return [json.loads(body)["title"] for _, body in self.posts]


@contextmanager
def listening(hook: Hook) -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening(Hook()) as found:
        yield found


@dataclass
class Post:
    """A carrier for one hook, on a ledger whose clock is the test's."""

    ledger: ClockedLedger
    hook: Hook
    wishes: str = ""

    def __post_init__(self) -> None:
        (channel,) = parse_channels([f"{self.hook.url}{self.wishes}"], "en")
        clock = self.ledger.clock
        self.carrier = Carrier(self.ledger, channel, Sender(SECRET), "me", "http://desk", clock, clock)
        self.carrier.step()  # from here on it hears

    def holds(self, *kinds: Kind, level: Level = Level.PAGE) -> None:
        found = [Condition(kind=kind, level=level, scope=SCOPE) for kind in kinds]
        self.ledger.alerts.judge({SCOPE: found}, self.ledger.now())

    def later(self, seconds: float = GATHER + 0.1) -> list[str]:
        """What the hook has heard so much later."""
        self.ledger.clock.advance(seconds)
        self.carrier.step()
        return self.hook.titles


@pytest.fixture
def post(ledger: ClockedLedger, hook: Hook) -> Post:
    return Post(ledger, hook)


@pytest.mark.parametrize(("wishes", "count"), [("#info", 1), ("", 1), ("#page", 0)])
def test_the_daily_sheet_goes_to_all_but_those_that_are_only_to_be_woken(
    ledger: ClockedLedger, hook: Hook, wishes: str, count: int
) -> None:
    post = Post(ledger, hook, wishes)
    ledger.alerts.tell_once("sheet", sheet(date(2033, 5, 18), "UTC", [], [], ledger.now()), ledger.now())
    assert len(post.later()) == count


def test_a_message_arrives_once(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    assert post.later() == ["[PAGE] no worker: nothing is placed"]
    assert post.later() == ["[PAGE] no worker: nothing is placed"]


def test_what_breaks_together_is_gathered_first(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    assert post.later(GATHER / 2) == []


def test_a_webhook_can_tell_that_it_is_us(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    post.later()
    ((headers, body),) = post.hook.posts
    signed = headers["x-relaybeat-timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-relaybeat-signature"] == f"sha256={expected}"
    assert json.loads(body)["conditions"][0]["kind"] == "no-worker"


def test_no_address_leaves_whole_in_the_facts_either(post: Post) -> None:
    address = "rtmp://u:canary@a.example.com/live/canary"
    facts = {"title": address, "windows": [{"title": f"see {address}", "start": 1}]}
    found = Condition(kind=Kind.NO_WORKER, level=Level.PAGE, scope=SCOPE, facts=facts)
    post.ledger.alerts.judge({SCOPE: [found]}, post.ledger.now())
    post.later()
    ((_, body),) = post.hook.posts
    assert json.loads(body)["conditions"][0]["facts"]["windows"][0]["start"] == 1
    assert b"canary" not in body


def test_what_a_channel_refuses_it_gets_later(post: Post) -> None:
    post.hook.status = 500
    post.holds(Kind.NO_WORKER)
    post.later()
    post.hook.status = 200
    assert len(post.later()) == 2
    assert len(post.later()) == 2


def test_of_several_notes_those_that_arrived_are_not_sent_again(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    post.holds(Kind.NO_WORKER, Kind.BEAT_SILENT)
    send, post.carrier.send = post.carrier.send, _failing_once(post.carrier.send)
    post.later()
    post.carrier.send = send
    titles = post.later()
    assert sorted(titles) == sorted(set(titles))
    assert len(titles) == 2


def _failing_once(send: Any) -> Any:
    calls: list[None] = []

    def sending(*args: Any) -> None:
        calls.append(None)
        if len(calls) == 2:
            raise ChannelFailed("the second one")
        send(*args)

    return sending


def test_a_channel_that_fails_holds_up_no_other(ledger: ClockedLedger, hook: Hook) -> None:
    with listening(Hook(status=500)) as broken:
        well, ill = Post(ledger, hook), Post(ledger, broken)
        well.holds(Kind.NO_WORKER)
        ill.later()
        assert len(well.later()) == 1


def test_the_others_hear_of_a_channel_that_goes_on_failing(ledger: ClockedLedger, hook: Hook) -> None:
    with listening(Hook(status=500)) as broken:
        well, ill = Post(ledger, hook), Post(ledger, broken)
        well.holds(Kind.NO_WORKER)
        for _ in range(8):
            ill.later(60)
        assert "[Warning] http-" in " ".join(well.later())


def test_a_channel_hears_nothing_below_its_level(ledger: ClockedLedger, hook: Hook) -> None:
    post = Post(ledger, hook, "#page")
    post.holds(Kind.NO_WORKER, level=Level.WARN)
    assert post.later() == []
    post.holds(Kind.NO_WORKER, level=Level.PAGE)
    assert len(post.later()) == 1


def test_a_channel_has_its_own_language(ledger: ClockedLedger, hook: Hook) -> None:
    post = Post(ledger, hook, "#page,zh")
    post.holds(Kind.REDIS_GONE)
    assert post.later() == ["[紧急] 无法连接 Redis"]


def test_what_nobody_could_be_told_for_hours_is_not_told_any_more(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    assert post.later(7 * 3_600) == []
    assert post.later() == []


def test_of_two_watches_one_carries(post: Post) -> None:
    other = Carrier(
        post.ledger,
        post.carrier.channel,
        post.carrier.send,
        "another",
        "",
        post.ledger.clock,
        post.ledger.clock,
    )
    post.holds(Kind.NO_WORKER)
    post.ledger.clock.advance(GATHER + 1)
    other.step()
    assert post.hook.titles == []


def test_a_watch_that_dies_is_made_up_for_by_another(post: Post) -> None:
    other = Carrier(
        post.ledger, post.carrier.channel, post.carrier.send, "b", "", post.ledger.clock, post.ledger.clock
    )
    post.holds(Kind.NO_WORKER)
    post.ledger.clock.advance(GATHER + 1)
    post.ledger.redis.delete(f"{post.ledger.keys.heard}:{post.carrier.name}")  # as it runs out by itself
    other.step()
    assert len(post.hook.titles) == 1
    assert len(post.later()) == 1


def test_who_was_killed_before_it_noted_what_it_sent_has_it_sent_once_more(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    again = replace(post.carrier)
    post.later()
    post.ledger.redis.hset(post.ledger.keys.heard, post.carrier.name, "0")
    again.step()
    assert len(post.hook.titles) == 2


def test_what_was_wrong_before_the_first_step_is_heard(ledger: ClockedLedger, hook: Hook) -> None:
    found = Condition(kind=Kind.NO_WORKER, level=Level.PAGE, scope=SCOPE)
    ledger.alerts.judge({SCOPE: [found]}, ledger.now())
    assert len(Post(ledger, hook).later()) == 1


def test_after_redis_forgot_everything_what_holds_is_heard_again(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    post.later()
    post.ledger.redis.flushall()
    post.holds(Kind.NO_WORKER)
    assert len(post.later()) == 2


def test_a_clock_that_is_set_back_holds_up_nothing(post: Post) -> None:
    post.holds(Kind.NO_WORKER)
    assert len(post.later(-3_600)) == 1


def test_a_channel_that_failed_is_not_told_so_itself(post: Post) -> None:
    post.hook.status = 500
    post.holds(Kind.NO_WORKER)
    for _ in range(8):
        post.later(60)
    post.hook.status = 200
    post.hook.posts.clear()
    post.later(600)
    assert post.later() == ["[PAGE] no worker: nothing is placed"]


def test_the_others_hear_that_a_channel_takes_messages_again_though_there_is_nothing_else_to_tell(
    ledger: ClockedLedger, hook: Hook
) -> None:
    with listening(Hook(status=500)) as broken:
        well, ill = Post(ledger, hook), Post(ledger, broken)
        well.holds(Kind.NO_WORKER)
        for _ in range(8):
            ill.later(60)
        well.later()
        broken.status = 200
        for _ in range(40):
            ill.later(10)
        assert [title for title in well.later() if title.startswith("[Recovered] http-")]


def test_a_channel_that_failed_and_is_not_configured_any_more_is_over_soon(
    ledger: ClockedLedger, hook: Hook
) -> None:
    with listening(Hook(status=500)) as broken:
        well, ill = Post(ledger, hook), Post(ledger, broken)
        well.holds(Kind.NO_WORKER)
        for _ in range(8):
            ill.later(60)
    ledger.clock.advance(600)
    well.holds(Kind.NO_WORKER)
    assert [each.condition.kind for each in ledger.alerts.standing()] == [Kind.NO_WORKER]


def test_an_address_that_is_given_twice_is_refused(hook: Hook) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_channels([hook.url, f"{hook.url}#page"], "en")
    assert "address 2 is there twice" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://[canary", "https://hook.example.com:canary/", "https:///canary", "http://:canary@/x"]
)
def test_a_webhook_that_is_no_address_is_refused_without_telling_it(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_channels([address], "en")
    assert "address 1 cannot be used" in str(caught.value)
    assert "canary" not in f"{caught.value} {caught.value.hint}"


@dataclass
class Alone:
    """A carrier whose Redis comes and goes."""

    redis: RedisServer
    hook: Hook
    passed: float = 0.0

    def __post_init__(self) -> None:
        self.ledger = Ledger(connect(self.redis.url))
        (channel,) = parse_channels([self.hook.url], "en")
        self.carrier = Carrier(self.ledger, channel, Sender(""), "me", "", self.stopwatch, self.stopwatch)
        self.carrier.step()

    def stopwatch(self) -> float:
        return self.passed

    def at(self, *moments: float) -> list[str]:
        """What the hook has heard after a step at each of these."""
        for self.passed in moments:
            self.carrier.step()
        return self.hook.titles


def test_that_redis_is_gone_is_told_without_it_and_so_is_its_return(
    redis_server: RedisServer, hook: Hook
) -> None:
    alone = Alone(redis_server, hook)
    redis_server.stop()
    assert alone.at(1, 10) == []
    assert alone.at(17, 30) == ["[PAGE] Redis cannot be reached"]
    redis_server.start()
    assert alone.at(40, 50)[1:] == ["[Recovered] Redis cannot be reached"]


def test_a_restart_of_redis_is_no_news(redis_server: RedisServer, hook: Hook) -> None:
    alone = Alone(redis_server, hook)
    redis_server.stop()
    alone.at(1, 10)
    redis_server.start()
    alone.at(14)
    redis_server.stop()
    assert alone.at(16, 20) == []


def test_that_redis_takes_nothing_more_is_told_too(redis_server: RedisServer, hook: Hook) -> None:
    alone = Alone(redis_server, hook)
    alone.ledger.redis.config_set("maxmemory", "1")
    assert "[PAGE] Redis cannot be reached" in alone.at(1, 10, 17)
    alone.ledger.redis.config_set("maxmemory", "0")
    assert alone.at(20)[1:] == ["[Recovered] Redis cannot be reached"]


@pytest.mark.parametrize("target", ["redis-gone", "*"])
def test_that_redis_is_gone_can_be_snoozed_ahead(redis_server: RedisServer, hook: Hook, target: str) -> None:
    alone = Alone(redis_server, hook)
    snooze = Snooze(target=target, until=alone.ledger.now() + 600, by="li", reason="moving it")
    alone.ledger.alerts.snooze(snooze)
    alone.at(1)
    redis_server.stop()
    assert alone.at(2, 30, 500) == []
    assert alone.at(602) == ["[PAGE] Redis cannot be reached"]


@pytest.mark.parametrize("bad", ["nonsense", "feishu://", "http://h/#loud"])
def test_an_address_of_no_use_is_refused_and_not_shown(bad: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_channels(["http://fine/", f"{bad}"], "en")
    assert "2" in str(caught.value)
    assert "http://h/" not in str(caught.value)


def test_of_a_wish_that_means_nothing_is_told_what_one_can_wish_for() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_channels(["http://h/#loud"], "en")
    assert "as in #page,en" in mask_text(caught.value.hint)  # as it is printed


@pytest.mark.parametrize(
    "url",
    [
        "feishu://T1JJ3T3L2",
        "dingtalk://secret@apikey/",
        "wecombot://botkey",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        "mailto://user:pass@example.com",
    ],
)
def test_the_services_that_stations_use_are_known(url: str) -> None:
    (channel,) = parse_channels([url], "en")
    assert not channel.is_webhook
    assert url.split("/")[2] not in repr(channel) + channel.name


def test_apprise_carries_to_a_real_server(hook: Hook) -> None:
    (channel,) = parse_channels([hook.url.replace("http://", "json://")], "en")
    from worker.alerts.notes import Note  # noqa: PLC0415

    Sender("")(channel, Note(Level.PAGE, False, "a title", "a text"), 0.0)
    assert hook.titles == ["a title"]


def test_an_apprise_channel_that_does_not_answer_has_failed(hook: Hook) -> None:
    from worker.alerts.notes import Note  # noqa: PLC0415

    hook.status = 500
    (channel,) = parse_channels([hook.url.replace("http://", "json://")], "en")
    with pytest.raises(ChannelFailed) as caught:
        Sender("")(channel, Note(Level.PAGE, False, "a title", "a text"), 0.0)
    assert "canary" not in str(caught.value)
