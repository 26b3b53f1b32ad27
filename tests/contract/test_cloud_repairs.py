"""What is repeated, once, and how each request waits its turn at the gate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.peers import (
    KEYS,
    NOON,
    RELAY,
    TURN,
    Desk,
    Seen,
    cloud_of,
    desk_saying,
    refusal,
    success,
)
from worker.errors import (
    ClockSkewed,
    Forbidden,
    LedgerUnavailable,
    OutcomeUnknown,
    SettingsError,
)
from worker.provider.signing import DATE_FORMAT
from worker.settings import Credentials
from worker.turns import Turn


def dated(document: Any, status: int = 200, seconds: int = 0) -> tuple[int, dict[str, str], Any]:
    moment = NOON + timedelta(seconds=seconds)
    return status, {"Date": moment.strftime("%a, %d %b %Y %H:%M:%S GMT")}, document


@pytest.mark.parametrize("seconds", [-120, 120, 86_400])
def test_a_wrong_clock_is_corrected_by_the_date_of_the_answer_and_stays_so(seconds: int) -> None:
    right = (NOON + timedelta(seconds=seconds)).strftime(DATE_FORMAT)

    def reply(seen: Seen) -> Any:
        if seen.headers["x-date"] != right:
            return dated(refusal("InvalidTimestamp"), 400, seconds)
        return dated(success(TaskId="77"), 200, seconds)

    desk = Desk(reply)
    with cloud_of(desk) as cloud:
        for _ in range(2):
            assert cloud.create(RELAY, turn=TURN).task_id == "77"
        assert cloud.skew_seconds == seconds
    assert len(desk.seen) == 3


def test_a_clock_that_is_refused_twice_is_an_error() -> None:
    desk = desk_saying(dated(refusal("InvalidTimestamp"), 403, 120))
    with cloud_of(desk) as cloud, pytest.raises(ClockSkewed):
        cloud.create(RELAY, turn=TURN)
    assert len(desk.seen) == 2


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}, {"Date": "Sun, 22 Nov 2026 12:00:00 -0000"}])
def test_a_clock_cannot_be_corrected_without_a_date(headers: dict[str, str]) -> None:
    desk = desk_saying((400, headers, refusal("InvalidTimestamp")))
    with cloud_of(desk) as cloud, pytest.raises(ClockSkewed):
        cloud.create(RELAY, turn=TURN)
    assert len(desk.seen) == 1


def test_the_skew_is_known_though_no_answer_complained() -> None:
    with cloud_of(desk_saying(dated(success(TaskId="77"), seconds=-61))) as cloud:
        assert cloud.skew_seconds is None
        cloud.create(RELAY, turn=TURN)
        assert cloud.skew_seconds == -61


NEW_KEYS = Credentials("AKLTnewaccess", "newsecret==", "newtoken")


def accepting(token: str) -> Desk:
    def reply(seen: Seen) -> Any:
        if seen.headers["x-security-token"] == token:
            return success(TaskId="77")
        return 401, {}, refusal("InvalidSecretToken")

    return Desk(reply)


def keys_in_turn(*keys: Credentials | Exception) -> tuple[Callable[[], Credentials], list[int]]:
    """A file of keys that is another one each time it is read, and how often it was read."""
    left, reads = list(keys), [0]

    def read() -> Credentials:
        reads[0] += 1
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    return read, reads


def test_refused_keys_are_read_again_and_used_from_then_on() -> None:
    desk = accepting("newtoken")
    read, reads = keys_in_turn(KEYS, NEW_KEYS)
    with cloud_of(desk, credentials=read) as cloud:
        for _ in range(3):
            assert cloud.create(RELAY, turn=TURN).task_id == "77"
    assert (len(desk.seen), reads) == (4, [2])


def test_keys_are_not_read_again_while_they_are_accepted() -> None:
    read, reads = keys_in_turn(KEYS)
    with cloud_of(accepting("canarytoken"), credentials=read) as cloud:
        for _ in range(3):
            cloud.create(RELAY, turn=TURN)
    assert reads == [1]


def test_new_keys_that_are_refused_too_are_an_error() -> None:
    desk = accepting("never")
    with cloud_of(desk, credentials=keys_in_turn(KEYS, NEW_KEYS)[0]) as cloud, pytest.raises(Forbidden):
        cloud.create(RELAY, turn=TURN)
    assert len(desk.seen) == 2


@pytest.mark.parametrize("again", [KEYS, SettingsError("gone"), Credentials("two\nlines", "x")])
def test_without_other_keys_nothing_is_repeated(again: Credentials | Exception) -> None:
    desk = accepting("never")
    with (
        cloud_of(desk, credentials=keys_in_turn(KEYS, again)[0]) as cloud,
        pytest.raises(Forbidden, match="Token"),
    ):
        cloud.create(RELAY, turn=TURN)
    assert len(desk.seen) == 1


@pytest.mark.parametrize("spoilt", ["two\nlines", "ключ", "a b", "tab\t"])
def test_keys_that_cannot_be_sent_are_refused_without_being_shown(spoilt: str) -> None:
    desk = desk_saying(success(TaskId="77"))
    with cloud_of(desk, credentials=Credentials(spoilt, "x")) as cloud, pytest.raises(Forbidden) as caught:
        cloud.create(RELAY, turn=TURN)
    assert not desk.seen
    assert spoilt not in str(caught.value)


# The gate


class Turnstile:
    """A gate that writes down who goes through, and what the desk had seen by then."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.log: list[tuple[str, int]] = []
        self.turns: set[Turn] = set()

    @contextmanager
    def __call__(self, turn: Turn) -> Iterator[None]:
        self.turns.add(turn)
        self.log.append(("in", len(self.desk.seen)))
        try:
            yield
        finally:
            self.log.append(("out", len(self.desk.seen)))


def passages(requests: int) -> list[tuple[str, int]]:
    return [step for n in range(requests) for step in (("in", n), ("out", n + 1))]


def test_each_page_of_a_list_waits_its_turn() -> None:
    info = {"Domain": "pull.example.com", "Vhost": "v", "Type": "pull-flv", "Status": 0}
    desk = desk_saying(success(DomainList=[info], Total=2))
    gate = Turnstile(desk)
    with cloud_of(desk, gate=gate) as cloud:
        cloud.domains(turn=TURN)
    assert (gate.log, gate.turns) == (passages(2), {TURN})


def test_a_repaired_request_waits_its_turn_again() -> None:
    desk = desk_saying(dated(refusal("InvalidTimestamp"), 400, 90), success(TaskId="77"))
    gate = Turnstile(desk)
    with cloud_of(desk, gate=gate) as cloud:
        cloud.create(RELAY, turn=TURN)
    assert gate.log == passages(2)


def test_the_gate_is_left_when_a_request_fails() -> None:
    desk = desk_saying((500, {}, refusal("InternalError")))
    gate = Turnstile(desk)
    with cloud_of(desk, gate=gate) as cloud, pytest.raises(OutcomeUnknown):
        cloud.create(RELAY, turn=TURN)
    assert gate.log == passages(1)


def test_nothing_is_sent_past_a_gate_that_refuses() -> None:
    @contextmanager
    def shut(turn: Turn) -> Iterator[None]:
        raise LedgerUnavailable
        yield

    desk = desk_saying(success(TaskId="77"))
    with cloud_of(desk, gate=shut) as cloud, pytest.raises(LedgerUnavailable):
        cloud.create(RELAY, turn=TURN)
    assert not desk.seen


def test_a_caller_who_waits_for_its_turn_holds_nobody_up() -> None:
    """Gates block, and block in the thread of whoever waits."""
    first_is_waiting, go = threading.Event(), threading.Event()

    @contextmanager
    def gate(turn: Turn) -> Iterator[None]:
        if turn.deadline == 1:
            first_is_waiting.set()
            assert go.wait(10)
        yield

    with cloud_of(desk_saying(success(TaskId="77")), gate=gate) as cloud:
        waiting = threading.Thread(target=cloud.create, args=(RELAY,), kwargs={"turn": Turn(TURN.lane, 1)})
        waiting.start()
        assert first_is_waiting.wait(10)
        assert cloud.create(RELAY, turn=TURN).task_id == "77"
        go.set()
        waiting.join()
