"""A signed client of an emulator whose clock the test turns: no port, no waiting."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from worker.provider.emulator.app import LocalTransport, create_app
from worker.provider.emulator.options import DEMO_KEYS, Options
from worker.provider.signing import VolcAuth

NOON = 1_795_348_800
"""2026-11-22T12:00:00Z, a multiple of thirty seconds."""

RELAY: dict[str, Any] = {
    "Domain": "pull.example.com",
    "App": "live",
    "Stream": "news",
    "SrcAddrS": ["rtmp://a.example.com/live/canarykey", "srt://b.example.com:9000?streamid=news"],
    "StartTime": NOON + 600,
    "EndTime": NOON + 1200,
}
AUTH = VolcAuth(DEMO_KEYS.access_key, DEMO_KEYS.secret_key)
"""Signs with the demo keys, by the real clock."""

SLOT = {name: RELAY[name] for name in ("Domain", "App", "Stream")}


@dataclass(frozen=True)
class Said:
    """One answer of the API: HTTP status, error code or "", and the result."""

    status: int
    code: str
    result: dict[str, Any]
    headers: httpx.Headers


class Account:
    """Calls actions with the demo keys; ``now`` is both ends' clock."""

    def __init__(self, **options: Any) -> None:
        self.now: float = NOON
        settings = {"settle": 0.0, "quota": 10_000, "now": lambda: self.now} | options
        self.app = create_app(Options(**settings))
        keys = settings.get("keys", DEMO_KEYS)
        self.auth = VolcAuth(keys.access_key, keys.secret_key, keys.session_token, now=self.clock)
        transport = LocalTransport(self.app)
        self.http = httpx.Client(transport=transport, base_url="http://127.0.0.1", auth=self.auth)

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def post(self, action: str, fields: Any = None, **how: Any) -> Said:
        how = {"json": fields or {}} | how
        return _said(self.http.post("/", params={"Action": action, "Version": "2023-01-01"}, **how))

    def get(self, action: str, **fields: Any) -> Said:
        return _said(self.http.get("/", params={"Action": action, "Version": "2023-01-01"} | fields))

    def create(self, **fields: Any) -> Said:
        return self.post("CreateRelaySourceV4", RELAY | fields)

    def update(self, **fields: Any) -> Said:
        return self.post("UpdateRelaySourceV4", RELAY | fields)

    def delete(self, **fields: Any) -> Said:
        return self.post("DeleteRelaySourceV4", SLOT | fields)

    def rows(self) -> list[dict[str, Any]]:
        return self.post("ListRelaySourceV4", {"Domain": "pull.example.com"}).result["List"]

    def state(self, **fields: Any) -> str:
        return self.get("DescribeLiveStreamState", **SLOT | fields).result["stream_state"]

    def admin(self, path: str, method: str = "GET", **how: Any) -> Any:
        answer = self.http.request(method, f"/_emulator/{path}", auth=None, **how)
        assert answer.status_code == 200, answer.text
        return answer.json()


def _said(answer: httpx.Response) -> Said:
    document = answer.json()
    error = document["ResponseMetadata"].get("Error", {})
    return Said(answer.status_code, error.get("Code", ""), document.get("Result", {}), answer.headers)


@contextlib.contextmanager
def raw(url: str, action: str, fields: dict[str, Any]) -> Iterator[socket.socket]:
    """A bare socket on which one signed request has been sent."""
    target = httpx.Request("POST", f"{url}/", params={"Action": action, "Version": "2023-01-01"}, json=fields)
    request = next(AUTH.sync_auth_flow(target))
    lines = [f"POST {request.url.raw_path.decode()} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode()
    with socket.create_connection((request.url.host, request.url.port or 80), timeout=5) as connection:
        connection.sendall(head + request.content)
        yield connection
