"""The command ``relaybeat``: one table of verbs, one place where errors become messages and exit codes.

A verb is one line in :data:`VERBS` and one click command, imported when it is used, so that ``--help``
and every verb load only what they need.

Exit codes: 0 done, 1 error, 2 usage, 3 changes or drift found (:data:`CHANGES_FOUND`); as in a shell, 130
after Ctrl-C and 141 when whoever read our output went away.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import click

from worker import __version__
from worker.errors import RelaybeatError, SettingsError
from worker.redact import mask_text
from worker.settings import debugging, load_settings

CHANGES_FOUND: Final = 3
"""Exit code of a verb that compares, when it found something (``plan``, ``drift``)."""

VERBS: Final[dict[str, tuple[str, str]]] = {
    "check": ("worker.cli.check:check", "Validate an events file: every problem, with its line."),
    "preview": ("worker.cli.preview:preview", "Show the windows to come of an events file; offline."),
    "plan": ("worker.cli.plan:plan", "Show what `apply` would change."),
    "apply": ("worker.cli.plan:apply", "Make the ledger follow an events file."),
    "history": ("worker.cli.history:history", "Show who changed what, when and why."),
    "events": ("worker.cli.ledger:events", "List the events of the ledger."),
    "windows": ("worker.cli.ledger:windows", "List the windows of the ledger."),
    "show": ("worker.cli.show:show", "Show one window with its history and attempts."),
    "import": ("worker.cli.imports:import_", "Make an events file of a spreadsheet or a calendar."),
    "export": ("worker.cli.export:export", "Print the run sheet, or the as-run log."),
    "drift": ("worker.cli.drift:drift", "Show where plan, ledger and provider differ."),
    "reconcile": ("worker.cli.drift:reconcile", "Have mended what differs and is ours."),
    "retry": ("worker.cli.people:retry", "Try a window again, or take a cancel back."),
    "cancel": ("worker.cli.people:cancel", "Call a window off."),
    "extend": ("worker.cli.people:extend", "Let a window end later than planned."),
    "stop": ("worker.cli.people:stop", "End a window that is on air."),
    "override": ("worker.cli.people:override", "Give a window another start, end, source or stream."),
    "add": ("worker.cli.people:add", "Put a special beside the times of an event."),
    "pause": ("worker.cli.people:pause", "Call off what is to come of an event."),
    "resume": ("worker.cli.people:resume", "Bring back what a pause called off."),
    "verify": ("worker.cli.watching:verify", "Ask the provider whether windows are on air."),
    "preflight": ("worker.cli.watching:preflight", "Try the sources of what is about to begin."),
    "alerts": ("worker.cli.alerts:alerts", "Show what is wrong; test and snooze alerts."),
    "calendar": ("worker.cli.calendar:calendar", "Make and revoke addresses of the calendar."),
    "doctor": ("worker.cli.doctor:doctor", "Check everything that tonight needs."),
    "health": ("worker.cli.health:health", "Say whether a beat or worker of this host makes progress."),
    "up": ("worker.cli.up:up", "Run everything on this machine."),
    "worker": ("worker.cli.roles:worker", "Run a worker."),
    "beat": ("worker.cli.roles:beat", "Run a beat."),
    "watch": ("worker.cli.roles:watch", "Watch over everything, and tell people what is wrong."),
    "web": ("worker.cli.web:web", "Run the page."),
    "emulator": ("worker.cli.emulator:emulator", "Run the provider's emulator."),
}
"""Verb: where its command is (``module:attribute``), and its line in ``relaybeat --help``."""

_INTERRUPTED: Final = 130
_READER_GONE: Final = 141


class _Verbs(click.Group):
    """A group that knows its verbs by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in VERBS:
            raise click.exceptions.NoSuchCommand(cmd_name, possibilities=VERBS, ctx=ctx)
        module, _, attribute = VERBS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, summary) for verb, (_, summary) in VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb and sends off its output, before click takes a reader that has gone for an error."""
        try:
            try:
                super().invoke(ctx)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(_READER_GONE) from None


@click.group(
    cls=_Verbs,
    subcommand_metavar="VERB [ARGUMENTS]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, message="relaybeat %(version)s")
def relaybeat() -> None:
    """Keep recurring broadcasts on air: plan them in a file, have each one pulled on time.

    Settings come from the environment; docs/settings.md lists them.
    """


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits; ``args`` default to the process's own."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # whatever the locale says: titles are Chinese, pipes are UTF-8
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(_run(sys.argv[1:] if args is None else list(args)))


def _run(args: list[str]) -> int:
    """One command, from its arguments to its exit code."""
    try:
        asked = relaybeat.main(args, prog_name="relaybeat", standalone_mode=False)
    except click.Abort:
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except RelaybeatError as error:
        return _fail(str(error), error.hint, error.exit_code)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _fail(f"{error.strerror or error}{where}", "")
    except Exception as error:
        return _fail(f"unexpected {type(error).__name__}: {error}", "set RELAYBEAT_DEBUG=1 to see where")
    return asked if isinstance(asked, int) else 0


def _fail(what: str, hint: str, code: int = 1) -> int:
    """Tells a person what went wrong and what to do, with no secret in it; returns the exit code."""
    secrets = _secrets()
    if debugging():
        click.echo(mask_text(traceback.format_exc(), secrets), err=True)
    for said, lines in (("error", what), ("hint", hint)):
        for line in lines.splitlines():
            click.echo(mask_text(f"{said}: {line}", secrets), err=True)
    return code


def _secrets() -> tuple[str, ...]:
    """Those of the settings; what is wrong with settings is told without them."""
    try:
        return load_settings().secrets()
    except SettingsError:
        return ()
