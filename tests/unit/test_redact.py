"""No password and no stream key comes out of the redactor, wherever in an address it stood."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.redact import mask_source, mask_text

SECRET = "cAnArY"
"""Looked for in everything that comes out."""

SUB_DELIMS = "!$&'()*+,;=:~-._"
"""What RFC 3986 lets stand for itself in a password, a path element or a query value."""

SEASONING = st.text(SUB_DELIMS + "@%/?#[]{}|aZ09", max_size=4)
CANARIES = st.builds(lambda a, b: f"{a}{SECRET}{b}", *[st.text(SUB_DELIMS, max_size=4)] * 2)
SCHEMES = st.sampled_from(["rtmp", "rtmps", "srt", "RTMP"])
HOSTS = st.sampled_from(["a.example.com", "192.0.2.7", "[2001:db8::1]", "a.example.com:1935"])


def places(scheme: str, host: str, secret: str) -> dict[str, str]:
    """Addresses with the secret in each place; in a query an & would end it, and then it is two."""
    value = secret.replace("&", "")
    return {
        "user": f"{scheme}://{secret}@{host}/live/news",
        "password": f"{scheme}://user:{secret}@{host}/live/news",
        "password with an at": f"{scheme}://user:p@{secret}@{host}/live/news",
        "stream key": f"{scheme}://{host}/live/{secret}",
        "stream key alone": f"{scheme}://{host}/{secret}",
        "stream key before a slash": f"{scheme}://{host}/live/{secret}/",
        "stream key before a query": f"{scheme}://{host}/live/{secret}?x=1",
        "query value": f"{scheme}://{host}/live/news?token={value}",
        "second query value": f"{scheme}://{host}/live/news?a=b&token={value}&c=d",
        "bare token, padded": f"{scheme}://{host}/live/news?{value.replace('=', '')}==",
        "streamid": f"{scheme}://{host}?streamid=#!::m=request,r={secret},u=me",
        "fragment": f"{scheme}://{host}/live/news#{secret}",
        "bad port": f"{scheme}://user:{secret}@a.example.com:x/live/news",
    }


PLACES = st.sampled_from(sorted(places("rtmp", "h", "s")))


@given(SCHEMES, HOSTS, CANARIES, PLACES)
def test_a_secret_never_comes_out_of_an_address(scheme: str, host: str, secret: str, place: str) -> None:
    assert SECRET not in mask_source(places(scheme, host, secret)[place])


@given(
    SCHEMES, HOSTS, CANARIES, PLACES, st.sampled_from(["{}", "see {}.", '["{}","x"]', "('{}', 1)", "<{}>"])
)
def test_a_secret_never_comes_out_of_a_text(
    scheme: str, host: str, secret: str, place: str, around: str
) -> None:
    assert SECRET not in mask_text(around.format(places(scheme, host, secret)[place]))


@given(SEASONING, SEASONING)
def test_a_password_and_a_token_of_odd_characters_stay_inside(before: str, after: str) -> None:
    url = f"https://user:{before}{SECRET}{after}@a.example.com/live.flv"
    assert SECRET not in mask_source(url)


@given(SCHEMES, HOSTS, CANARIES, PLACES)
def test_what_is_masked_looks_the_same_wherever_it_is_shown(
    scheme: str, host: str, secret: str, place: str
) -> None:
    masked = mask_source(places(scheme, host, secret)[place])
    assert mask_source(masked) == mask_text(masked) == masked


@pytest.mark.parametrize("name", ["https", "http"])
def test_a_web_address_hides_password_and_query_and_shows_its_path(name: str) -> None:
    shown = mask_source(f"{name}://me:{SECRET}@a.example.com:8080/live/news.flv?auth={SECRET}")
    assert SECRET not in shown
    assert shown.startswith(f"{name}://***")
    assert "@a.example.com:8080/live/news.flv?auth=***" in shown


def test_an_address_without_secrets_is_shown_as_it_is() -> None:
    assert mask_source("https://a.example.com/live/news.flv") == "https://a.example.com/live/news.flv"


def test_who_reads_a_log_still_sees_host_and_application() -> None:
    shown = mask_source("rtmp://user:secret@a.example.com:1935/live/key")
    assert "@a.example.com:1935/live/***" in shown


def test_two_keys_look_different_and_one_looks_the_same_each_time() -> None:
    one, other = (mask_source(f"rtmp://a.example.com/live/{key}") for key in ("one", "other"))
    assert one != other
    assert one == mask_source("rtmp://a.example.com/live/one")


@pytest.mark.parametrize(
    "text", ["", "plain words", "C:\\path", "12:30:45", "see https://docs.example.com/a for more"]
)
def test_text_without_secrets_stays(text: str) -> None:
    assert mask_text(text) == text


def test_every_address_of_a_text_is_masked_and_the_rest_is_kept() -> None:
    shown = mask_text('pull "rtmp://a.example.com/live/k1" or "srt://b.example.com?streamid=k2" now')
    assert shown.startswith('pull "rtmp://a.example.com/live/***')
    assert shown.endswith('" now')
    assert "k1" not in shown.replace("***", "").split('"')[1][-3:]


@given(st.text(st.characters()))
@example("\ud800")
@example("//[")
def test_masking_never_fails_whatever_it_is_given(text: str) -> None:
    mask_source(text)
    mask_source(f"rtmp://a:{text}@{text}/{text}")
    mask_text(f"rtmp://{text}")
