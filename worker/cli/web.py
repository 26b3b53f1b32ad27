"""``web``: the page."""

from __future__ import annotations

from typing import Final

import click
import uvicorn

from worker import telemetry
from worker.errors import SettingsError
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.web import create_app
from worker.web.peer import is_loopback

_AT_ONCE: Final = 1_000
"""Connections; whoever comes then is told to come again."""


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; beyond this machine, a token is needed.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="The port to listen on."
)
def web(host: str, port: int) -> None:
    """Serve the page."""
    settings = load_settings()
    if not (is_loopback(host) or settings.web_token or settings.web_read_token):
        raise SettingsError(
            f"{host} can be reached from other machines, and RELAYBEAT_WEB_TOKEN is not set",
            hint="set RELAYBEAT_WEB_TOKEN, better as RELAYBEAT_WEB_TOKEN_FILE, or listen on 127.0.0.1",
        )
    telemetry.start_logging(settings.secrets(), json=settings.log == "json")
    app = create_app(Runtime(settings), token=settings.web_token, read_token=settings.web_read_token)
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,  # the door judges them itself
        server_header=False,
        limit_concurrency=_AT_ONCE,
    )
