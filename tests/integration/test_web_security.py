"""The door: who gets in, what they may do, what is refused, and that no secret gets out."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.doors import FAR, HERE, OPERATE, READ, Client, Door
from worker.web.headers import ALWAYS
from worker.web.limits import MOST_BYTES, MOST_BYTES_OF_PLANS, Limits

PAGES = (
    "/",
    "/week",
    "/month",
    "/sheet",
    "/wall",
    "/events",
    "/draft",
    "/calendar",
    "/metrics",
    "/calendar.ics",
)
WORD = re.compile(r'name="csrf" value="([^"]+)"')


def sign_in(client: Client, token: str, **fields: str) -> httpx.Response:
    return client.post("/sign-in", data={"name": "Ada", "token": token} | fields)


def word(client: Client) -> str:
    found = WORD.search(client.get("/calendar").text)
    assert found
    return found[1]


async def pieces(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def visit(client: Client, cookies: httpx.Cookies) -> int:
    client.cookies = cookies
    return client.get("/events").status_code


def subscribe(client: Client, csrf: str | None, **headers: str) -> httpx.Response:
    fields = {"name": "Ben"} | ({} if csrf is None else {"csrf": csrf})
    return client.post("/calendar", data=fields, headers=headers)


@pytest.fixture
def door(redis_url: str) -> Door:
    return Door(redis_url)


# Who gets in


@pytest.mark.parametrize("path", PAGES)
def test_from_elsewhere_nothing_is_told_without_a_token(door: Door, path: str) -> None:
    assert door.client(html=False).get(path).status_code == 401
    assert door.client().get(path).headers["location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize("path", PAGES)
def test_on_this_machine_everything_can_be_read(door: Door, path: str) -> None:
    assert door.client(HERE, address="127.0.0.1").get(path).status_code == 200


@pytest.mark.parametrize("token", [OPERATE, READ])
@pytest.mark.parametrize("path", PAGES)
def test_either_token_reads_from_anywhere(door: Door, path: str, token: str) -> None:
    assert door.program(token).get(path).status_code == 200


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        ("http://evil.example.com:8080", {}),
        (HERE, {"X-Forwarded-For": "127.0.0.1"}),
        (HERE, {"Forwarded": "for=127.0.0.1"}),
        (HERE, {"Host": "evil.example.com"}),
        (HERE, {"Authorization": "Bearer wrong"}),
        (HERE, {"Authorization": "Bearer "}),
    ],
)
def test_rebound_names_proxies_and_wrong_tokens_are_not_this_machine(
    door: Door, base: str, headers: dict[str, str]
) -> None:
    client = door.client(base, address="127.0.0.1", html=False)
    assert client.get("/events", headers=headers).status_code == 401


def test_a_page_that_is_published_is_not_open_to_who_seems_to_be_here(redis_url: str) -> None:
    door = Door(redis_url, page_url="https://relay.example.com/")
    assert door.client(HERE, address="127.0.0.1", html=False).get("/").status_code == 401


@pytest.mark.parametrize("given", ["", " ", "Bearer", "none"])
def test_without_any_token_set_nobody_gets_in_from_elsewhere(door: Door, given: str) -> None:
    client = door.client(html=False, token="", read_token="")
    assert client.get("/", headers={"Authorization": f"Bearer {given}"}).status_code == 401
    assert sign_in(client, given).status_code == 401


def test_a_session_of_before_opens_nothing_where_no_token_is_set(door: Door) -> None:
    cookies = door.signed_in().cookies
    assert visit(door.client(), cookies) == 200
    assert visit(door.client(token="", read_token=""), cookies) == 303


# What they may do


@pytest.mark.parametrize(
    "path", ["/calendar", "/events/news", "/api/v1/apply", "/api/v1/windows/x/retry", "/nowhere"]
)
def test_nobody_writes_without_the_token_that_operates(door: Door, path: str) -> None:
    here = door.client(HERE, address="127.0.0.1", html=False)
    assert here.post(path).status_code == 401
    assert door.client(html=False).post(path).status_code == 401
    assert door.program(READ).post(path).status_code == 403


def test_whoever_signed_in_to_read_writes_nothing_and_is_told_so(door: Door) -> None:
    reader = door.signed_in(READ)
    assert reader.get("/calendar").status_code == 200
    answer = subscribe(reader, None)
    assert answer.status_code == 403
    assert "only reads" in answer.text


def test_a_session_does_not_write_through_the_api(door: Door) -> None:
    assert door.signed_in().post("/api/v1/apply").json()["code"] == "token"


def test_the_name_of_whoever_signed_in_is_written_down(door: Door) -> None:
    operator = door.signed_in(name="  艾达\t ")
    subscribe(operator, word(operator))
    assert [feed.by for feed in door.runtime.ledger.feeds.all()] == ["艾达"]


def test_a_program_may_say_on_whose_behalf_it_asks_in_one_line_without_secrets(door: Door) -> None:
    for by in ("艾达", "", "Ada\tL. ", "x" * 99, "rtmp://u:geheim@h.example.com/live/geheim"):
        headers = {"Relaybeat-By": by.encode()}
        assert (
            door.program(OPERATE).post("/calendar", data={"name": "Ben"}, headers=headers).status_code == 200
        )
    told = {feed.by for feed in door.runtime.ledger.feeds.all()}
    assert told >= {"艾达", "api", "Ada L.", "x" * 64}
    assert not [by for by in told if "geheim" in by]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_what_is_open_here_is_not_open_to_the_pages_of_others(door: Door, headers: dict[str, str]) -> None:
    here = door.client(HERE, address="127.0.0.1")
    assert here.post("/draft", data={"text": ""}, headers=headers).status_code == 403
    assert here.post("/draft", data={"text": ""}).status_code == 200


# Sessions


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_gets(door: Door) -> None:
    [cookie] = sign_in(door.client(), OPERATE).headers.get_list("set-cookie")
    value, *flags = cookie.split("; ")
    assert value.startswith("relaybeat=")
    assert {flag.lower() for flag in flags} == {"httponly", "path=/", "samesite=lax", "max-age=43200"}


def test_by_tls_it_is_secure_and_bound_to_the_host(redis_url: str) -> None:
    [cookie] = sign_in(Door(redis_url).client("https://relay.example.com"), OPERATE).headers.get_list(
        "set-cookie"
    )
    assert cookie.startswith("__Host-relaybeat=")
    assert "; Secure" in cookie


@pytest.mark.parametrize(("proxies", "name"), [((), "relaybeat="), (("192.0.2.0/24",), "__Host-relaybeat=")])
def test_that_tls_ended_at_a_proxy_is_believed_of_ours_alone(
    redis_url: str, proxies: tuple[str, ...], name: str
) -> None:
    door = Door(redis_url, web_proxies=tuple(map(ipaddress.ip_network, proxies)))
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.1"}
    answer = door.client().post("/sign-in", data={"name": "Ada", "token": OPERATE}, headers=headers)
    assert answer.headers["set-cookie"].startswith(name)


def test_whoever_came_by_tls_is_not_led_out_of_it(redis_url: str) -> None:
    door = Door(redis_url, web_proxies=(ipaddress.ip_network("192.0.2.0/24"),))
    answer = door.program(OPERATE).get("/events/", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["location"] == "https://relay.example.com/events"


def test_whoever_signs_out_is_out(door: Door) -> None:
    client = door.signed_in()
    assert client.post("/sign-out", data={"csrf": word(client)}).status_code == 303
    assert client.get("/events").status_code == 303


def test_another_token_ends_the_sessions_of_the_one_before(door: Door) -> None:
    assert visit(door.client(token="another"), door.signed_in().cookies) == 303


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/windows/news@20261123T120000Z?lang=zh", "/windows/news@20261123T120000Z?lang=zh"),
        ("//evil.example.com/", "/"),
        ("https://evil.example.com/", "/"),
        ("/\\evil.example.com", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signed_in_one_lands_on_a_page_of_ours(door: Door, wanted: str, got: str) -> None:
    assert sign_in(door.client(), OPERATE, next=wanted).headers["location"] == got


def test_a_wrong_token_or_no_name_is_told_on_the_form_which_keeps_neither_token(door: Door) -> None:
    wrong, nameless = sign_in(door.client(), "sesame-4713"), sign_in(door.client(), OPERATE, name=" ")
    assert (wrong.status_code, nameless.status_code) == (401, 401)
    assert "The token is wrong" in wrong.text
    assert "Say who you are" in nameless.text
    assert "sesame-4713" not in wrong.text


# Forms


def test_a_form_of_ours_is_taken(door: Door) -> None:
    operator = door.signed_in()
    assert subscribe(operator, word(operator)).status_code == 200


def test_a_form_without_the_word_of_its_session_is_refused(door: Door) -> None:
    operator, other = door.signed_in(), door.signed_in()
    for given in (None, "", "x", word(other)):
        answer = subscribe(operator, given)
        assert (answer.status_code, door.runtime.ledger.feeds.all()) == (403, [])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://relay.example.com.evil.example.com"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": FAR},
    ],
)
def test_a_form_that_another_page_sent_is_refused(door: Door, headers: dict[str, str]) -> None:
    operator = door.signed_in()
    assert subscribe(operator, word(operator), **headers).status_code == 403
    assert sign_in(door.client(), OPERATE).status_code == 303
    assert (
        door.client().post("/sign-in", data={"token": OPERATE, "name": "E"}, headers=headers).status_code
        == 403
    )


@pytest.mark.parametrize(
    "headers", [{"Origin": FAR}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "https://desk.example.com"}]
)
def test_our_own_pages_may_be_reached_by_both_their_names(redis_url: str, headers: dict[str, str]) -> None:
    door = Door(redis_url, page_url="https://desk.example.com/")
    operator = door.signed_in()
    assert subscribe(operator, word(operator), **headers).status_code == 200


# Limits


def test_after_five_wrong_tokens_not_even_the_right_one_is_tried_for_a_while(redis_url: str) -> None:
    client = Door(redis_url, limits=Limits()).client()
    codes = [sign_in(client, f"guess-{n}").status_code for n in range(6)]
    assert codes == [401] * 5 + [429]
    refused = sign_in(client, OPERATE)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 12


def test_guessing_by_the_api_ends_the_same_way_and_keeps_nobody_from_signing_in(redis_url: str) -> None:
    client = Door(redis_url, limits=Limits()).client()
    codes = [client.get("/", headers={"Authorization": f"Bearer guess-{n}"}).status_code for n in range(6)]
    assert codes == [401] * 5 + [429]
    assert sign_in(client, OPERATE).status_code == 303


def test_who_asks_too_often_waits_and_nobody_else_does(redis_url: str) -> None:
    door = Door(redis_url, limits=Limits())
    greedy = door.client()
    codes = [greedy.get("/sign-in").status_code for _ in range(130)]
    assert codes[:100] == [200] * 100
    assert codes[-1] == 429
    assert greedy.get("/healthz").status_code == 200


@pytest.mark.parametrize(("path", "most"), [("/sign-in", MOST_BYTES), ("/draft", MOST_BYTES_OF_PLANS)])
def test_more_than_fits_is_refused_whatever_is_said_of_its_length(door: Door, path: str, most: int) -> None:
    program = door.program(OPERATE)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    said = program.post(path, content=b"x" * (most + 1), headers=kind)
    unsaid = program.post(path, content=pieces([b"x" * 65_536] * (most // 65_536 + 1)), headers=kind)
    lied = program.post(path, content=pieces([b"x" * (most + 1)]), headers=kind | {"content-length": "1"})
    assert [each.status_code for each in (said, unsaid, lied)] == [413] * 3
    assert {each.json()["code"] for each in (said, unsaid, lied)} == {"too-large"}


# What every answer says, and what none does


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/sign-in", 200),
        ("/healthz", 200),
        ("/readyz", 503),
        ("/metrics", 200),
        ("/calendar.ics", 200),
        ("/static/relaybeat.css", 200),
        ("/nowhere", 404),
        ("/static/nowhere", 404),
        ("/calendar/nobodys.ics", 404),
        ("/windows/nowhere", 404),
        ("/api/v1/nowhere", 404),
        ("/sign-out", 405),
        ("/broken", 500),
    ],
)
@pytest.mark.parametrize("html", [True, False])
def test_every_answer_is_safe_to_show(door: Door, path: str, status: int, html: bool) -> None:
    answer = door.client(HERE, address="127.0.0.1", html=html).get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_what_is_refused_is_safe_to_show_too(door: Door, headers: dict[str, str]) -> None:
    answer = door.client(html=False).get("/", headers=headers)
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_pages_are_kept_by_nobody_on_the_way(door: Door) -> None:
    assert door.signed_in().get("/calendar").headers["cache-control"] == "no-store"


def test_programs_get_a_problem_document_and_people_a_page(door: Door) -> None:
    program, browser = door.program(OPERATE).get("/nowhere"), door.signed_in().get("/nowhere")
    assert program.headers["content-type"] == "application/problem+json"
    assert program.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "no-such-page",
        "detail": "Not Found",
    }
    assert "There is nothing here" in browser.text
    assert "这里什么也没有" in door.signed_in().get("/nowhere?lang=zh").text


def test_a_fault_of_ours_tells_nothing_of_itself(door: Door) -> None:
    for client in (door.program(OPERATE), door.signed_in()):
        answer = client.get("/broken")
        assert answer.status_code == 500
        assert "RuntimeError" not in answer.text
        assert OPERATE not in answer.text


def test_without_redis_pages_say_what_to_do_and_programs_when_to_come_again() -> None:
    door = Door("redis://127.0.0.1:1/0")
    program = door.program(OPERATE).get("/calendar")
    assert (program.status_code, program.json()["code"]) == (503, "ledger-unavailable")
    assert program.headers["retry-after"] == "5"
    assert "See that Redis runs" in door.signed_in().get("/calendar").text


def test_no_token_is_in_any_answer_or_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = ""
    for client in (
        door.program(OPERATE),
        door.program(READ),
        door.signed_in(),
        door.signed_in(READ),
        door.client(),
    ):
        for path in (*PAGES, "/sign-in", "/readyz", "/nowhere", "/api/v1/openapi.json"):
            answer = client.get(path)
            told += answer.text + str(answer.headers)
    told += "".join(record.getMessage() for record in caplog.records)
    assert OPERATE not in told
    assert READ not in told
