"""The provider's lists as untrusted input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.provider import DomainInfo, LiveStream, Sample, StreamState
from worker.provider.rows import (
    Malformed,
    Page,
    domain_page,
    live_page,
    relay_page,
    samples,
    stream_state,
)
from worker.relay import Row, Slot

ROW = {
    "Domain": "pull.example.com",
    "Vhost": "vhost.example.com",
    "App": "live",
    "Stream": "news",
    "SrcAddrS": ["rtmp://a/1", "rtmp://b/2"],
    "StartTime": 1_798_761_600,
    "EndTime": 1_798_768_800,
}


def listed(*rows: Any, total: Any = 1) -> dict[str, Any]:
    return {"List": list(rows), "Pagination": {"TotalCount": total}}


def only(row: dict[str, Any], key: Any = "Domain") -> Row:
    (found,) = relay_page(listed(row), key).items
    return found


def test_a_row_keeps_its_sources_in_order() -> None:
    slot = Slot("pull.example.com", "live", "news")
    assert only(ROW) == Row(slot, ("rtmp://a/1", "rtmp://b/2"), 1_798_761_600, 1_798_768_800)


@pytest.mark.parametrize(
    ("key", "row", "domain"),
    [
        ("Domain", ROW, "pull.example.com"),
        ("Vhost", ROW, "vhost.example.com"),
        ("Domain", {**ROW, "Domain": ""}, "vhost.example.com"),
        ("Vhost", {name: ROW[name] for name in ROW if name != "Vhost"}, "pull.example.com"),
    ],
)
def test_the_slot_is_named_by_the_field_we_ask_with_or_by_the_one_there_is(
    key: str, row: dict[str, Any], domain: str
) -> None:
    assert only(row, key).slot.domain == domain


@pytest.mark.parametrize(
    ("time", "read"),
    [(5, 5), ("5", 5), ("1798761600", 1_798_761_600), (0, None), ("0", None), ("", None), (None, None)],
)
def test_times_come_as_numbers_or_digits_and_nothing_means_permanent(time: Any, read: int | None) -> None:
    assert only({**ROW, "StartTime": time}).start == read


def test_a_row_without_times_is_permanent() -> None:
    row = only({name: value for name, value in ROW.items() if not name.endswith("Time")})
    assert (row.start, row.end) == (None, None)


@pytest.mark.parametrize("time", [-1, 1.5, True, "soon", "-5", "1e9", "٥", "9" * 19, [], {}])
def test_a_time_that_is_none_is_an_error_and_no_permanent_relay(time: Any) -> None:
    with pytest.raises(Malformed, match="row 1: StartTime"):
        only({**ROW, "StartTime": time})


@pytest.mark.parametrize(
    "spoilt",
    [
        {"App": ""},
        {"App": None},
        {"Stream": 7},
        {"Stream": "\ud800"},
        {"SrcAddrS": None},
        {"SrcAddrS": "rtmp://a/1"},
        {"SrcAddrS": ["rtmp://a/1", 7]},
        {"Domain": None, "Vhost": None},
        {"Domain": {}},
    ],
)
def test_one_malformed_row_makes_the_page_an_error(spoilt: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="row 2"):
        relay_page(listed(ROW, {**ROW, **spoilt}), "Domain")


@pytest.mark.parametrize("row", [None, "row", 7, []])
def test_a_row_that_is_no_object_is_an_error(row: Any) -> None:
    with pytest.raises(Malformed, match="row 1"):
        relay_page(listed(row), "Domain")


@pytest.mark.parametrize(
    "result",
    [
        {"List": []},
        {"List": [], "Pagination": []},
        listed(total="1"),
        listed(total=-1),
        listed(total=True),
        {"List": {}, "Pagination": {"TotalCount": 0}},
    ],
)
def test_a_page_without_a_count_or_a_list_is_an_error(result: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        relay_page(result, "Domain")


def test_null_is_an_empty_list() -> None:
    assert relay_page({"List": None, "Pagination": {"TotalCount": 0}}, "Domain") == Page((), 0)


def test_no_value_is_repeated_in_an_error() -> None:
    with pytest.raises(Malformed) as caught:
        only({**ROW, "SrcAddrS": [{"canary": 1}], "StartTime": "canary"})
    assert "canary" not in str(caught.value)


def test_live_streams_are_read_with_the_second_they_began() -> None:
    row = {**ROW, "SourceType": "relay", "SessionStartTime": "2026-11-22T12:00:00.500Z"}
    page = live_page({"StreamInfoList": [row], "RoughCount": 1}, "Domain")
    slot = Slot("pull.example.com", "live", "news")
    assert page == Page((LiveStream(slot, "relay", 1_795_348_800.5),), 1)


def test_metrics_are_read_as_numbers() -> None:
    row = {"TimeStamp": "2026-11-22T20:00:00+08:00", "Framerate": 25, "Bitrate": 2000.5, "AudioBitrate": 128}
    assert samples({"MetricList": [row]}) == (Sample(1_795_348_800.0, 25.0, 2000.5),)


@pytest.mark.parametrize("spoilt", [{"Bitrate": "1"}, {"Bitrate": float("inf")}, {"Bitrate": 10**400}])
def test_a_bitrate_that_is_no_number_is_an_error(spoilt: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="Bitrate"):
        samples({"MetricList": [{"TimeStamp": "2026-11-22T12:00:00Z", "Framerate": 25, **spoilt}]})


@pytest.mark.parametrize("moment", ["2026-11-22T12:00:00", "yesterday", "", None, 1_795_348_800])
def test_a_moment_without_an_offset_or_sense_is_an_error(moment: Any) -> None:
    with pytest.raises(Malformed, match="TimeStamp"):
        samples({"MetricList": [{"TimeStamp": moment, "Framerate": 25, "Bitrate": 1}]})


def test_domains_are_read() -> None:
    row = {"Domain": "pull.example.com", "Vhost": "v", "Type": "pull-flv", "Status": 0}
    page = domain_page({"DomainList": [row], "Total": 1})
    assert page.items == (DomainInfo("pull.example.com", "v", "pull-flv", 0),)


def test_the_state_is_spelt_in_lower_case() -> None:
    assert stream_state({"stream_state": "online", "type": "pull"}) == StreamState("online", "pull")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ROW, "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["List", "Pagination", "MetricList"]), json_values))
def test_any_result_is_read_or_refused(result: dict[str, Any]) -> None:
    for read in (lambda given: relay_page(given, "Domain"), samples):
        try:
            read(result)
        except Malformed:
            continue
