"""``emulator``: a provider of one's own, for demonstrations, tests and strangers' clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from worker.cli.output import say
from worker.provider.emulator.faults import PROFILES
from worker.provider.emulator.options import DEMO_KEYS, Duplicate, Options
from worker.settings import Credentials

_SECONDS = click.FloatRange(0, 86_400)


def _keys(access_key: str, secret_key: str, session_token: str) -> Credentials:
    if bool(access_key) != bool(secret_key):
        raise click.UsageError("--access-key and --secret-key belong together")
    return Credentials(access_key, secret_key, session_token) if access_key else DEMO_KEYS


def _domains(written: tuple[str, ...]) -> dict[str, str]:
    """Domain to vhost; a domain without one is its own."""
    pairs = (text.partition("=") for text in written)
    return {domain: vhost or domain for domain, _, vhost in pairs}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8123, show_default=True, help="0 is a free one."
)
@click.option(
    "--duplicate",
    type=click.Choice([duplicate.value for duplicate in Duplicate]),
    default="refuse",
    show_default=True,
    help="What a second create on a slot does.",
)
@click.option(
    "--quota",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Requests the account may make in any second.",
)
@click.option(
    "--throttle-status",
    type=click.Choice(["429", "200"]),
    default="429",
    show_default=True,
    help="HTTP status of the answer to a request over the quota.",
)
@click.option(
    "--settle",
    type=_SECONDS,
    default=3.0,
    show_default=True,
    help="Seconds until a change is acted on; the provider takes 180 to 300.",
)
@click.option(
    "--list-lag", type=_SECONDS, default=0.0, show_default=True, help="Seconds that the list is behind."
)
@click.option(
    "--effect-lag",
    type=_SECONDS,
    default=0.0,
    show_default=True,
    help="Seconds from an answer to its effect.",
)
@click.option(
    "--clock-skew",
    type=click.FloatRange(-86_400, 86_400),
    default=0.0,
    show_default=True,
    help="Seconds that the provider's clock is ahead.",
)
@click.option("--expire", is_flag=True, help="Drop configs once they have ended.")
@click.option(
    "--times",
    type=click.Choice(["integer", "string"]),
    default="integer",
    show_default=True,
    help="How the list writes StartTime and EndTime.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="SPEC",
    help=f"A fault or a profile ({', '.join(PROFILES)}); docs/emulator.md has the grammar.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What the faults' dice begin with.")
@click.option(
    "--access-key", default="", metavar="K", help=f"Key to accept.  [default: {DEMO_KEYS.access_key}]"
)
@click.option("--secret-key", default="", metavar="S", help="Its secret.")
@click.option("--session-token", default="", metavar="T", help="Session token that requests must carry.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="D[=VHOST]",
    help="A domain of the account.  [default: every domain is]",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep relays here, and find them again.",
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append one JSON line for each request.",
)
def emulator(host: str, port: int, **given: Any) -> None:
    """Stand in for the provider: its relay and state actions, with real signatures, limits and codes.

    Official SDKs work against it unchanged. docs/emulator.md says what it does and how to make it fail.
    """
    from worker.provider.emulator.server import serve  # noqa: PLC0415  --help need not wait for a web server

    options = _options(**given)
    serve(options, host, port, lambda url: _announce(url, options))


def _options(
    *, access_key: str, secret_key: str, session_token: str, domains: tuple[str, ...], **given: Any
) -> Options:
    times, duplicate = given.pop("times"), given.pop("duplicate")
    throttle_status = int(given.pop("throttle_status"))
    return Options(
        keys=_keys(access_key, secret_key, session_token),
        domains=_domains(domains),
        times_as_text=times == "string",
        duplicate=Duplicate(duplicate),
        throttle_status=throttle_status,
        **given,
    )


def _announce(url: str, options: Options) -> None:
    say(f"emulator listening on {url}")
    if options.keys == DEMO_KEYS:
        say(f"it accepts VOLC_ACCESSKEY={DEMO_KEYS.access_key} VOLC_SECRETKEY={DEMO_KEYS.secret_key}")
