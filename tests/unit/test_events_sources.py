"""Which addresses may be pulled from: those of the internet, however the others are spelled."""

from __future__ import annotations

import pytest

from worker.events.problems import Unusable
from worker.events.sources import domain, source


@pytest.mark.parametrize(
    "address",
    [
        "rtmp://a.example.com/live/news",
        "rtmps://a.example.com:1936/live/news",
        "RTMP://a.example.com/live/news",
        "http://user:p%40ss@a.example.com/live.flv?token=x&y=1",
        "https://A.Example.com/live/index.m3u8",
        "srt://b.example.com:9000?streamid=#!::r=live/news,m=request",
        "rtmp://8.8.8.8/live/news",
        "rtmp://8.8.8.8:1935/live/news",
        "http://[2606:4700:4700::1111]:8080/live.flv",
        "http://xn--fiqs8s.example.com/live.flv",
    ],
)
def test_an_address_of_the_internet_is_kept_as_written(address: str) -> None:
    assert source(address) == address


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "0.0.0.0", "255.255.255.255"),
        *("169.254.169.254", "100.100.100.200", "100.96.0.96", "224.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "1.2.3"),
        *(
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
        ),
        *("[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[fe80::1%25eth0]", "[::127.0.0.1]"),
        *("localhost", "LOCALHOST", "x.localhost", "metadata.google.internal", "printer.local", "nas.lan"),
    ],
)
def test_a_host_inside_a_network_is_refused(host: str) -> None:
    with pytest.raises(Unusable, match="inside a network"):
        source(f"rtmp://{host}/live/news")


@pytest.mark.parametrize(
    "address",
    [
        *("", "news", "/etc/passwd", "a.example.com/live", "//a.example.com/live", "rtmp:a.example.com"),
        *(
            "file:///etc/passwd",
            "ftp://a.example.com/x",
            "gopher://a.example.com/x",
            "javascript://a.example.com/",
        ),
        *("rtmp://", "rtmp:///live", "rtmp://:1935/live", "rtmp://studio/live", "rtmp://-a.example.com/live"),
        *(
            "rtmp://a..example.com/live",
            "rtmp://a_b.example.com/live",
            "rtmp://a.example.com./live",
            "rtmp://%61.com/",
        ),
        *(
            "rtmp://a.example.com:0/x",
            "rtmp://a.example.com:65536/x",
            "rtmp://a.example.com:x/y",
            "http://[::1/x",
        ),
        *(
            "http://a.example.com\\@evil.example.com/",
            "http://a@b@c.example.com/",
            "http://a.example.com/a b",
        ),
        *(
            "http://a.example.com/\r\nHost: b",
            "http://a.example.com/\x00",
            "http://a.example.com/\t",
            "http://a.example.com/<x>",
        ),
        *("http://exаmple.com/", "http://ⓔxample.com/", "http://a.example.com/新闻", "http://example。com/"),
        "http://a.example.com/" + "x" * 2000,
    ],
)
def test_what_is_no_clean_address_is_refused(address: str) -> None:
    with pytest.raises(Unusable) as caught:
        source(address)
    assert caught.value.hint


def test_a_refusal_quotes_nothing_that_could_be_secret() -> None:
    for address in (
        "rtmp://user:hunter2@10.0.0.1/live/hunter2",
        "ftp://hunter2@a.example.com",
        "http://hunter2 x",
    ):
        with pytest.raises(Unusable) as caught:
            source(address)
        assert "hunter2" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "name", ["pull.example.com", "a-b.example.com", "x1.example.co", "xn--fiqs8s.cn", "a.xn--fiqs8s"]
)
def test_a_domain_name_is_taken(name: str) -> None:
    assert domain(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("example", "-a.example.com", "a-.example.com", "a..com", ".com", "a.com.", "a_b.com", "1.2.3.4"),
        *("https://pull.example.com", "pull.example.com/live", "pull.example.com:80", "пример.рф"),
        *("a" * 64 + ".com", "a." * 126 + "com"),
    ],
)
def test_what_is_no_domain_name_is_refused(name: str) -> None:
    with pytest.raises(Unusable, match="not a domain name"):
        domain(name)


def test_a_domain_in_upper_case_is_sent_back_with_the_right_spelling() -> None:
    with pytest.raises(Unusable) as caught:
        domain("Pull.Example.com")
    assert caught.value.hint == "write pull.example.com"
