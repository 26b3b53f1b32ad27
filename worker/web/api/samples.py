"""Examples for the OpenAPI document; a test holds them to what is answered."""

from __future__ import annotations

from typing import Any, Final

_PLANNED: Final[dict[str, Any]] = {
    "id": "nightly-news@20261123T120000Z",
    "event": "nightly-news",
    "title": "Nightly news",
    "domain": "pull.example.com",
    "app": "live",
    "stream": "nightly-news",
    "start": 1795435200,
    "end": 1795442400,
    "start_local": "2026-11-23T20:00:00+08:00",
    "end_local": "2026-11-23T22:00:00+08:00",
    "timezone": "Asia/Shanghai",
    "sources": ["rtmp://a.example.com/live/***6dd8a2"],
    "state": "placed",
    "notes": [],
    "reason": "",
}
WINDOW: Final[dict[str, Any]] = _PLANNED | {
    "due_at": 1795348800.0,
    "placed_at": 1795348801.482,
    "task_id": "8077213",
    "next_attempt_at": None,
    "on_air": False,
    "attempts": [
        {
            "at": 1795348801.204,
            "act": "create",
            "outcome": "ok",
            "code": "",
            "http_status": 200,
            "request_id": "20261122200001A1B2",
            "seconds": 0.278,
            "message": "",
        }
    ],
    "history": [
        {
            "kind": "change",
            "at": 1795348801.482,
            "action": "window.placed",
            "to": "placed",
            "by": "worker-1",
            "why": "",
        }
    ],
}
EVENT: Final[dict[str, Any]] = {
    "id": "nightly-news",
    "title": "Nightly news",
    "timezone": "Asia/Shanghai",
    "cron": ["0 20 * * *"],
    "rrule": [],
    "permanent": False,
    "paused": False,
    "pause": None,
    "in_file": True,
    "file": "events.yaml",
    "windows": {"placed": 1, "planned": 7},
    "next": _PLANNED,
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "about:blank",
    "title": "Conflict",
    "status": 409,
    "code": "refused",
    "detail": "nightly-news@20261123T120000Z is on air now and would be cut",
    "hint": "if it is meant, say --force; relaybeat stop nightly-news@20261123T120000Z ends it for good",
}
