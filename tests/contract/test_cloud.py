"""What Relaybeat sends, reads and repairs, against an app that stands in for the provider."""

from __future__ import annotations

import random
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.contract.peers import (
    RELAY,
    SLOT,
    SOURCE,
    TURN,
    Desk,
    Seen,
    cloud_of,
    desk_saying,
    make_cloud,
    refusal,
    success,
)
from worker.errors import (
    NotFound,
    OutcomeUnknown,
)
from worker.provider import Answer, DomainInfo, LiveStream, Sample, StreamState
from worker.provider.roll import PATIENCE
from worker.relay import PERMANENT, Relay, Row, Slot

TIMES = {"StartTime": 1_798_761_600, "EndTime": 1_798_768_800}
PLACE = {"Domain": "pull.example.com", "App": "live", "Stream": "news"}
CONFIG = {**PLACE, "SrcAddrS": [SOURCE], **TIMES}


def test_create_sends_a_signed_post_with_both_times_as_integers() -> None:
    desk = desk_saying(success(TaskId="77"))
    with cloud_of(desk) as cloud:
        answer = cloud.create(RELAY, turn=TURN)
    assert (answer, type(answer.http_status)) == (Answer("2026X", 200, 0.0, "77"), int)
    (seen,) = desk.seen
    assert (seen.method, seen.query) == ("POST", {"Action": "CreateRelaySourceV4", "Version": "2023-01-01"})
    assert seen.body == CONFIG
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["authorization"].startswith(
        "HMAC-SHA256 Credential=AKLTcanaryaccess/20261122/cn-north-1/live/"
    )
    assert seen.headers["x-security-token"] == "canarytoken"


def test_update_sends_the_whole_relay_and_delete_the_slot() -> None:
    desk = desk_saying(success())
    with cloud_of(desk) as cloud:
        assert cloud.update(RELAY, turn=TURN) == cloud.delete(SLOT, turn=TURN) == Answer("2026X", 200, 0.0)
    assert [(seen.action, seen.body) for seen in desk.seen] == [
        ("UpdateRelaySourceV4", CONFIG),
        ("DeleteRelaySourceV4", PLACE),
    ]


def test_only_a_relay_that_says_so_is_sent_without_times() -> None:
    desk = desk_saying(success(TaskId="77"))
    with cloud_of(desk) as cloud:
        cloud.create(Relay(SLOT, (SOURCE,), PERMANENT), turn=TURN)
    assert desk.seen[0].body == {**PLACE, "SrcAddrS": [SOURCE]}


@pytest.mark.parametrize(
    ("key_field", "fields", "filters"),
    [
        ("Domain", {"Domain"}, {"Domain"}),
        ("Vhost", {"Vhost"}, {"Vhost"}),
        ("both", {"Domain", "Vhost"}, {"Domain"}),
    ],
)
def test_the_domain_goes_into_the_field_that_is_set(
    key_field: str, fields: set[str], filters: set[str]
) -> None:
    desk = Desk(lambda seen: success(stream_state="online", type="pull", Pagination={"TotalCount": 0}))
    with cloud_of(desk, key_field=key_field) as cloud:
        cloud.update(RELAY, turn=TURN)
        cloud.delete(SLOT, turn=TURN)
        cloud.list("pull.example.com", turn=TURN)
        cloud.stream_state(SLOT, turn=TURN)
    sent = [{"Domain", "Vhost"} & {*(seen.body or seen.query)} for seen in desk.seen]
    assert sent == [fields, fields, fields, filters]


def test_a_refusal_becomes_the_error_it_stands_for() -> None:
    desk = desk_saying((404, {}, refusal("ResourceNotFound")))
    with cloud_of(desk) as cloud, pytest.raises(NotFound):
        cloud.delete(SLOT, turn=TURN)


# Lists


def row(number: int) -> dict[str, Any]:
    return {**CONFIG, "Stream": f"s{number}"}


def rows(numbers: Any) -> tuple[Row, ...]:
    times = (TIMES["StartTime"], TIMES["EndTime"])
    return tuple(Row(Slot("pull.example.com", "live", f"s{number}"), (SOURCE,), *times) for number in numbers)


def shelf(numbers: Any, body: dict[str, Any], *, cap: int = 500, total: int | None = None) -> dict[str, Any]:
    """A page of what the provider holds at this moment."""
    held, size = list(numbers), min(body["Size"], cap)
    start = (body["Page"] - 1) * size
    count = len(held) if total is None else total
    return success(
        List=[row(number) for number in held[start : start + size]], Pagination={"TotalCount": count}
    )


def listing(desk: Desk) -> tuple[Row, ...]:
    with cloud_of(desk) as cloud:
        return cloud.list("pull.example.com", turn=TURN)


def pages(desk: Desk) -> list[int]:
    return [seen.body["Page"] for seen in desk.seen]


def test_a_short_list_costs_one_request() -> None:
    desk = Desk(lambda seen: shelf(range(3), seen.body))
    assert listing(desk) == rows(range(3))
    assert [seen.body for seen in desk.seen] == [{"Domain": "pull.example.com", "Page": 1, "Size": 500}]


def test_a_long_list_is_read_to_its_end_and_all_but_the_last_page_once_more() -> None:
    desk = Desk(lambda seen: shelf(range(1_100), seen.body))
    assert listing(desk) == rows(range(1_100))
    assert pages(desk) == [1, 2, 3, 1, 2]


def test_a_list_that_ends_with_a_full_page_is_whole() -> None:
    assert listing(Desk(lambda seen: shelf(range(500), seen.body))) == rows(range(500))


def test_a_provider_that_gives_smaller_pages_than_asked_for_is_read_to_the_end() -> None:
    assert listing(Desk(lambda seen: shelf(range(250), seen.body, cap=100))) == rows(range(250))


def test_two_relays_on_one_slot_are_both_seen() -> None:
    assert listing(Desk(lambda seen: shelf([1, 1, 2], seen.body))) == rows([1, 1, 2])


def test_a_list_that_grows_while_it_is_read_is_read_again() -> None:
    held = iter([range(600), range(601)])
    now = [range(600)]

    def reply(seen: Seen) -> Any:
        now[0] = next(held, now[0])
        return shelf(now[0], seen.body)

    assert set(listing(Desk(reply))) == set(rows(range(601)))


def test_a_row_that_slips_past_the_reader_at_the_same_total_is_found() -> None:
    """One leaves the first page while another comes: the second page lacks the row that moved forward."""
    desk = Desk(lambda seen: shelf(range(600) if len(desk.seen) == 1 else range(1, 601), seen.body))
    assert listing(desk) == rows(range(1, 601))


@pytest.mark.parametrize("count", [501, 600, 1_100])
def test_a_long_list_that_comes_in_another_order_each_time_is_read_whole(count: int) -> None:
    dice = random.Random(count)
    desk = Desk(lambda seen: shelf(dice.sample(range(count), count), seen.body))
    assert sorted(row.slot.stream for row in listing(desk)) == sorted(f"s{n}" for n in range(count))
    assert len(desk.seen) < 100


@pytest.mark.parametrize("seed", range(20))
def test_a_list_without_order_in_which_one_leaves_as_another_comes_is_read_as_it_was_at_one_instant(
    seed: int,
) -> None:
    """Each page shows ten rows of thirteen, and for a while a row is replaced between any two pages."""
    dice, held = random.Random(seed), [*range(13)]
    known: list[frozenset[Row]] = []

    def reply(seen: Seen) -> Any:
        if dice.random() < 0.5 and len(known) < 6:
            held.remove(dice.choice(held))
            held.append(1_000 + len(known))
        known.append(frozenset(rows(held)))
        return shelf(dice.sample(held, len(held)), seen.body, cap=10)

    assert frozenset(listing(Desk(reply))) in known


def test_two_equal_relays_on_a_long_list_are_both_seen_once_three_readings_agree() -> None:
    desk = Desk(lambda seen: shelf([1, *range(600)], seen.body))
    assert listing(desk) == rows([1, *range(600)])
    assert pages(desk) == [1, 2] * 3


def test_equal_relays_on_a_list_that_has_no_order_cannot_be_told_and_are_no_list() -> None:
    dice = random.Random(1)
    desk = Desk(lambda seen: shelf(dice.sample([1, *range(600)], 601), seen.body))
    with pytest.raises(OutcomeUnknown, match="moving"):
        listing(desk)


def test_a_list_that_never_stands_still_is_given_up() -> None:
    desk = Desk(lambda seen: shelf(range(len(desk.seen), 600 + len(desk.seen)), seen.body))
    with pytest.raises(OutcomeUnknown, match="moving"):
        listing(desk)
    assert pages(desk).count(2) == PATIENCE


def test_a_total_that_does_not_fit_the_rows_is_not_believed() -> None:
    with pytest.raises(OutcomeUnknown, match="moving"):
        listing(Desk(lambda seen: shelf(range(3), seen.body, total=5)))


def test_a_list_without_end_is_given_up() -> None:
    def endless(seen: Seen) -> Any:
        return shelf(range(50), {"Page": 1, "Size": 50}, total=10**9)

    with pytest.raises(OutcomeUnknown, match="pages"):
        listing(Desk(endless))


def test_one_malformed_row_makes_the_list_an_error_and_not_shorter() -> None:
    desk = desk_saying(success(List=[row(1), {**row(2), "StartTime": "soon"}], Pagination={"TotalCount": 2}))
    with pytest.raises(OutcomeUnknown, match="row 2: StartTime"):
        listing(desk)


def test_rows_too_long_for_one_answer_are_read_in_smaller_pages() -> None:
    def reply(seen: Seen) -> Any:
        page = shelf(range(120), seen.body)
        for each in page["Result"]["List"]:
            each["SrcAddrS"] = ["rtmp://src.example.com/live/" + "k" * 10_000]
        return page

    desk = Desk(reply)
    assert len(listing(desk)) == 120
    assert {seen.body["Size"] for seen in desk.seen} == {500, 50}


# What is on air


def test_the_state_of_a_stream_is_asked_for_by_get() -> None:
    desk = desk_saying(success(stream_state="online", type="pull"))
    with cloud_of(desk) as cloud:
        assert cloud.stream_state(SLOT, turn=TURN) == StreamState("online", "pull")
    assert (desk.seen[0].method, desk.seen[0].body) == ("GET", None)
    assert PLACE.items() <= desk.seen[0].query.items()


def test_live_streams_are_read_page_by_page() -> None:
    live = [{**PLACE, "Stream": f"s{n}", "SourceType": "relay", "SessionStartTime": "2026-11-22T12:00:00Z"}
            for n in range(700)]  # fmt: skip

    def reply(seen: Seen) -> Any:
        start = (int(seen.query["PageNum"]) - 1) * int(seen.query["PageSize"])
        return success(StreamInfoList=live[start : start + 500], RoughCount=700)

    desk = Desk(reply)
    with cloud_of(desk) as cloud:
        found = cloud.live_streams("pull.example.com", turn=TURN)
    assert (len(found), found[0]) == (
        700,
        LiveStream(Slot("pull.example.com", "live", "s0"), "relay", 1_795_348_800.0),
    )
    assert [seen.query["SourceType"] for seen in desk.seen] == ["relay", "relay"]


def test_metrics_are_asked_for_in_utc() -> None:
    sample = {"TimeStamp": "2026-11-22T12:00:00Z", "Framerate": 25, "Bitrate": 2000}
    desk = desk_saying(success(MetricList=[sample]))
    with cloud_of(desk) as cloud:
        assert cloud.metrics(SLOT, 1_795_348_800, 1_795_348_860, turn=TURN) == (
            Sample(1_795_348_800, 25, 2000),
        )
    moments = {"StartTime": "2026-11-22T12:00:00Z", "EndTime": "2026-11-22T12:01:00Z"}
    assert desk.seen[0].body == {**PLACE, **moments}


def test_the_domains_of_the_account_are_listed() -> None:
    info = {"Domain": "pull.example.com", "Vhost": "v", "Type": "pull-flv", "Status": 0}
    with cloud_of(desk_saying(success(DomainList=[info], Total=1))) as cloud:
        assert cloud.domains(turn=TURN) == (DomainInfo("pull.example.com", "v", "pull-flv", 0),)


def test_the_region_is_part_of_the_signature() -> None:
    desk = desk_saying(success(TaskId="77"))
    with cloud_of(desk, region="ap-singapore-1") as cloud:
        cloud.create(RELAY, turn=TURN)
    assert "/ap-singapore-1/live/request" in desk.seen[0].headers["authorization"]


def test_an_app_that_does_not_answer_is_cut_off_as_a_server_would_be() -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    transport = httpx.ASGITransport(app=never)
    with closing(make_cloud(transport=transport, timeout=0.2)) as cloud, pytest.raises(OutcomeUnknown):
        cloud.create(RELAY, turn=TURN)
