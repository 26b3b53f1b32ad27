"""``retry``, ``cancel``, ``extend``, ``stop``, ``override``, ``pause``, ``resume``: what people say goes."""

from __future__ import annotations

import functools
import getpass
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import click

from worker.accounts import one_event
from worker.cli.clock import CLOCK_TIME, CLOCK_TIMES
from worker.cli.edition import say_edition
from worker.cli.output import MOMENT, TIMES, output_option, print_document, print_json, say
from worker.durations import parse_duration
from worker.moments import Clock, Moment
from worker.redact import mask_text
from worker.reports import record_view
from worker.runtime import Runtime
from worker.sense import Speaker
from worker.settings import load_settings
from worker.verbs import Said, Verbs

TWICE: Final = "Saying it twice changes nothing."


class _Text(click.ParamType[str]):
    """One line, with something in it, that shows no password."""

    name = "TEXT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = mask_text(" ".join(str(value).split()))
        return words or self.fail("say something", param, ctx)


ONE_LINE: Final = _Text()
"""What somebody types to say who they are, or why."""

by_option = click.option("--by", type=ONE_LINE, help="Who says so.  [default: you, at this machine]")


class _Longer(click.ParamType[int]):
    """So much longer: ``+30m``."""

    name = "+DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            seconds = parse_duration(str(value).removeprefix("+"))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return seconds or self.fail("that is no longer than planned", param, ctx)


def whoever() -> str:
    """The person at this desk, as far as the machine knows."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        user = "somebody"
    return f"{user}@{socket.gethostname()}"


Verb = Callable[..., Said | Sequence[Said]]


def _spoken(*, reason: bool, force: str = "") -> Callable[[Verb], Callable[..., None]]:
    """Options that the verbs share; a verb receives ``verbs`` and ``speaker``, and what comes of it is told.

    ``reason`` is whether one must be given. ``force`` is what it allows.
    """

    def decorate(verb: Verb) -> Callable[..., None]:
        @functools.wraps(verb)
        def spoken(
            output: str, by: str | None, reason: str | None = None, force: bool = False, **rest: Any
        ) -> None:
            runtime = Runtime(load_settings())
            speaker = Speaker(by or whoever(), reason or "", force)
            verbs = Verbs(runtime.planner, runtime.settings.settle)
            say_edition(runtime.planner)
            _tell(runtime, verbs, verb(verbs=verbs, speaker=speaker, **rest), output)

        found = output_option("table", "json")(spoken)
        found = by_option(found)
        if force:
            found = click.option("--force", is_flag=True, help=force)(found)
        why = "Why; it is in the window's history."
        return click.option("--reason", type=ONE_LINE, required=reason, help=why)(found)

    return decorate


_window = click.argument("window_id", metavar="ID")
_event = click.argument("event_id", metavar="EVENT")


@click.command(epilog=TWICE)
@click.argument("window_id", metavar="[ID]", required=False)
@click.option("--failed", is_flag=True, help="All that failed and are still worth placing, instead of one.")
@_spoken(reason=False)
def retry(window_id: str | None, *, failed: bool, verbs: Verbs, speaker: Speaker) -> Said | Sequence[Said]:
    """Try window ID again: now, and with all its tries.

    For one that failed, that was missed and of which enough is left, or that waits for its next try. One
    that somebody called off, or stopped, is no longer called off.
    """
    if failed == bool(window_id):
        raise click.UsageError("say which window: its ID, or --failed for all that failed")
    return verbs.retry(window_id, speaker) if window_id else verbs.retry_failed(speaker)


@click.command(epilog=TWICE)
@_window
@_spoken(reason=True, force="Allow cutting a window that is on air.")
def cancel(window_id: str, *, verbs: Verbs, speaker: Speaker) -> Said:
    """Call window ID off, whatever the events file says of it. Its relay is removed.

    `relaybeat retry ID` takes it back.
    """
    return verbs.cancel(window_id, speaker)


@click.command(epilog=TWICE)
@_window
@click.argument("seconds", metavar="+30m", type=_Longer())
@_spoken(reason=False)
def extend(window_id: str, seconds: int, *, verbs: Verbs, speaker: Speaker) -> Said:
    """Let window ID end so much later than the events file says.

    On air it stays on air, and its relay is told the new end. An end that is later already stays.
    """
    return verbs.extend(window_id, speaker, seconds)


@click.command(epilog=TWICE)
@_window
@_spoken(reason=True)
def stop(window_id: str, *, verbs: Verbs, speaker: Speaker) -> Said:
    """End window ID, which is on air, now. `relaybeat retry ID` puts it back on air."""
    return verbs.stop(window_id, speaker)


@click.command(epilog=f"{CLOCK_TIMES} {TWICE}")
@_window
@click.option("--start", type=CLOCK_TIME, help="Start at T; within a day of the planned start.")
@click.option("--end", type=CLOCK_TIME, help="End at T; with --force, one that has passed stops it.")
@click.option("--source", "sources", metavar="URL", multiple=True, help="Pull from here; again for more.")
@click.option("--stream", metavar="NAME", help="Play on this stream of the same domain and App.")
@click.option("--clear", is_flag=True, help="Take back what was overridden: as in the file again.")
@_spoken(reason=True, force="Allow cutting or interrupting a window that is on air.")
def override(window_id: str, *, clear: bool, verbs: Verbs, speaker: Speaker, **wish: Any) -> Said:
    """Give window ID another start, end, source or stream, whatever the events file says of it.

    What is not given stays as it is. It holds until the window has passed, or until --clear. Times are as
    they are sent: the pads of the file are not added.
    """
    if clear and any(wish.values()):
        raise click.UsageError("--clear takes all of it back; it goes with no other wish")
    if clear:
        return verbs.clear(window_id, speaker)
    if not any(wish.values()):
        raise click.UsageError("say what is to differ: --start, --end, --source or --stream; or --clear")
    return verbs.override(window_id, speaker, verbs.wish(window_id, **wish))


@click.command(epilog=f"{TIMES} {TWICE}")
@_event
@click.option("--start", type=MOMENT, required=True, help="Start at T, before which the event's pads come.")
@click.option("--end", type=CLOCK_TIME, help="End at T, or at a time of day such as 25:30.")
@click.option("--duration", metavar="D", type=_Longer(), help="How long, instead of --end: 90m, 2h.")
@click.option("--source", "sources", metavar="URL", multiple=True, help="Pull from here; again for more.")
@click.option("--stream", metavar="NAME", help="Play on this stream of the same domain and App.")
@_spoken(reason=True)
def add(
    event_id: str,
    *,
    start: Moment,
    end: Clock | None,
    duration: int | None,
    verbs: Verbs,
    speaker: Speaker,
    **place: Any,
) -> Said:
    """Put one special beside the times of EVENT, as `extra` in its file does.

    It holds whatever is applied, until it has passed. `cancel` calls it off.
    """
    length = end if duration is None else duration
    if length is None or None not in {end, duration}:
        raise click.UsageError("say how long it lasts: --end or --duration")
    return verbs.add(event_id, speaker, verbs.special(event_id, start, length, **place))


@click.command(epilog=TWICE)
@_event
@_spoken(reason=True, force="Also cut what is on air.")
def pause(event_id: str, *, verbs: Verbs, speaker: Speaker) -> Said:
    """Call off all windows to come of EVENT, until it is resumed.

    What is on air plays to its end. Applying a changed file does not resume it.
    """
    return verbs.pause(event_id, speaker)


@click.command(epilog=TWICE)
@_event
@_spoken(reason=False)
def resume(event_id: str, *, verbs: Verbs, speaker: Speaker) -> Said:
    """Bring the windows of EVENT back that `pause` called off, as far as they are still to come."""
    return verbs.resume(event_id, speaker)


def _tell(runtime: Runtime, verbs: Verbs, told: Said | Sequence[Said], output: str) -> None:
    """What was done and what happens next; for scripts, how window or event stand now."""
    for line in _lines(told):
        (say if output == "json" else click.echo)(line)
    if output != "json":
        return
    if isinstance(told, Said):
        print_json(_view(runtime, verbs, told.about))
    else:
        print_document({"windows": [_view(runtime, verbs, said.about) for said in told], "warnings": []})


def _lines(told: Said | Sequence[Said]) -> Iterator[str]:
    if not told:
        yield "nothing to retry: no window that failed is still worth placing"
    for said in [told] if isinstance(told, Said) else told:
        yield f"{said.about}: {said.did}" if said.changed else f"{said.about}: nothing changed: {said.did}"
        if said.then:
            yield f"next: {said.then}"
        yield from (f"note: {loser} gives way to {winner}, on the same slot" for loser, winner in said.yields)


def _view(runtime: Runtime, verbs: Verbs, about: str) -> Any:
    ledger, now = runtime.ledger, runtime.ledger.now()
    if "@" not in about:
        return one_event(ledger, about, now)
    return record_view(verbs.record(about), now=now, log=ledger.reading.log(about))
