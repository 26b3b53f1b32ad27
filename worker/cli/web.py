"""``web``: the page."""

from __future__ import annotations

import ipaddress

import click
import uvicorn

from worker import telemetry
from worker.errors import SettingsError
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.web import create_app


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
    if not (_loopback(host) or settings.web_token):
        raise SettingsError(
            f"{host} can be reached from other machines, and RELAYBEAT_WEB_TOKEN is not set",
            hint="set RELAYBEAT_WEB_TOKEN, or listen on 127.0.0.1",
        )
    telemetry.start_logging(settings.secrets(), json=settings.log == "json")
    app = create_app(Runtime(settings), token=settings.web_token)
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
