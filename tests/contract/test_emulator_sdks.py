"""The official Python SDK, unchanged, against the emulator on a real port."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.account import NOON, RELAY, SLOT
from worker.provider.emulator.options import DEMO_KEYS, Options
from worker.provider.emulator.server import serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the official SDK's, which are not ours to mend
    from volcengine.live.v20230101.live_service import LiveService

LIST = {"Domain": RELAY["Domain"]}


@pytest.fixture
def url() -> Iterator[str]:
    with serving(Options(settle=0, quota=100)) as url:
        yield url


@pytest.fixture
def sdk(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The official client; its instances share one set of keys, and a file in HOME would win over ours."""
    monkeypatch.setenv("HOME", str(tmp_path))
    service = LiveService(url.removeprefix("http://"), DEMO_KEYS.access_key, DEMO_KEYS.secret_key)
    service.set_scheme("http")
    service.set_ak(DEMO_KEYS.access_key)
    service.set_sk(DEMO_KEYS.secret_key)
    service.session.trust_env = False
    yield service
    service.session.close()


def test_the_python_sdk_makes_changes_and_removes_a_relay(sdk: Any) -> None:
    assert sdk.create_relay_source_v4(RELAY)["Result"]["TaskId"].isdecimal()
    assert sdk.update_relay_source_v4(RELAY | {"EndTime": NOON + 5000})["ResponseMetadata"]["RequestId"]
    assert sdk.list_relay_source_v4(LIST)["Result"]["List"][0]["EndTime"] == NOON + 5000
    assert "Error" not in sdk.delete_relay_source_v4(SLOT)["ResponseMetadata"]
    assert sdk.list_relay_source_v4(LIST)["Result"]["List"] == []


def test_the_python_sdk_may_send_decimal_strings_as_the_samples_do(sdk: Any) -> None:
    sdk.create_relay_source_v4(RELAY | {"StartTime": str(NOON), "EndTime": str(NOON + 60)})
    assert sdk.list_relay_source_v4(LIST)["Result"]["List"][0]["StartTime"] == NOON


def test_the_python_sdk_asks_for_states_by_get(sdk: Any) -> None:
    sdk.create_relay_source_v4(RELAY | {"StartTime": None, "EndTime": None})
    state = sdk.describe_live_stream_state(SLOT)["Result"]
    page = sdk.describe_live_stream_info_by_page({"PageNum": "1", "PageSize": "10", "App": "live"})["Result"]
    assert (state, page["RoughCount"]) == ({"stream_state": "online", "type": "pull"}, 1)


def test_the_python_sdk_sends_blanks_and_chinese_in_a_query(sdk: Any) -> None:
    answer = sdk.describe_live_stream_info_by_page({"PageNum": "1", "PageSize": "10", "Stream": "新闻 + ~*%"})
    assert answer["Result"]["RoughCount"] == 0


def test_a_url_signed_by_the_python_sdk_is_let_in(sdk: Any, url: str) -> None:
    query = sdk.get_sign_url("DescribeLiveStreamState", dict(SLOT))
    answer = httpx.get(f"{url}/?{query}", trust_env=False)
    assert answer.json()["Result"] == {"stream_state": "offline", "type": "push"}


def test_the_python_sdk_raises_for_an_error_but_takes_one_at_200_for_success(sdk: Any, url: str) -> None:
    with pytest.raises(Exception, match="InvalidParam"):
        sdk.create_relay_source_v4(RELAY | {"App": "not allowed"})
    httpx.post(f"{url}/_emulator/faults", json={"Faults": ["CommonErr"]}, trust_env=False)
    assert sdk.create_relay_source_v4(RELAY)["ResponseMetadata"]["Error"]["Code"] == "CommonErr"
