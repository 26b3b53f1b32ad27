"""The document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI


def document(app: FastAPI, base: str) -> dict[str, Any]:
    """It."""
    app.servers = [{"url": base}]
    return app.openapi()
