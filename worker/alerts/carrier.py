"""Brings messages to one channel: each at least once, in order, and many at a time as one note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from worker import telemetry
from worker.alerts.channels import Channel, ChannelFailed, Send
from worker.alerts.notes import Note, notes
from worker.conditions import Condition, Kind, Level
from worker.errors import LedgerUnavailable
from worker.ledger import Ledger
from worker.ledger.alerts import Message, What

GATHER: Final = 4.0
"""Seconds that a message waits for others like it; what breaks together is told together."""
_STALE: Final = 6 * 3_600
"""Seconds after which a message is of no use to anybody who has not had it."""
_AWAY: Final = 15.0
"""Seconds for which Redis must be gone before it is told; a restart takes less."""
_SERVES: Final = 30
"""Seconds from its last step or note for which a carrier keeps a channel: of two watches one carries."""
_NEW: Final = 60
"""Seconds of the past that a channel hears of if the ledger does not know it: what was wrong when the watch
began, or Redis may have lost its memory."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0
_PATIENCE: Final = 120
"""Seconds for which a channel must fail before the others hear of it."""


@dataclass
class Carrier:
    """An errand of the watch. ``who`` is this process; ``page`` the address of the page, for links.

    ``stopwatch`` gives seconds that only grow, ``clock`` Unix seconds for when the ledger's is away.
    """

    ledger: Ledger
    channel: Channel
    send: Send
    who: str
    page: str
    stopwatch: Callable[[], float]
    clock: Callable[[], float]
    every: float = 2.0
    _sent: set[str] = field(default_factory=set, init=False)
    _pause: float = field(default=0.0, init=False)
    _not_before: float = field(default=float("-inf"), init=False)
    _away_since: float | None = field(default=None, init=False)
    _told_away: bool = field(default=False, init=False)
    _quiet_until: float = field(default=float("-inf"), init=False)

    @property
    def name(self) -> str:
        """The channel's."""
        return self.channel.name

    def step(self) -> None:
        """Sends what waits. That Redis is gone it tells by itself, for then nothing can be written down."""
        try:
            now, serves = self.ledger.now(), self._serves()
            self._after_outage()  # not before something was written: a full Redis can still be read
            self._remember_snoozes(now)
            if serves:
                self._carry(now)
        except LedgerUnavailable as error:
            self._in_outage(error)

    def _serves(self) -> bool:
        return self.ledger.alerts.serve(self.name, _SERVES, self.who)

    def _carry(self, now: float) -> None:
        alerts = self.ledger.alerts
        waiting = alerts.messages(alerts.heard(self.name, now - _NEW))
        if not waiting and not self._pause:
            self._judge([], now)  # what failed before has to stay well for a while to have recovered
        if not waiting or _more_may_come(waiting, now) or self.stopwatch() < self._not_before:
            return
        wanted = [each for each in waiting if self._wants(each, now)]
        for note in notes(wanted, self.channel.lang, self.page):
            if not (self._serves() and self._try(note, now)):
                return
            self._sent |= {message.id for message in note.messages}
        alerts.hear(self.name, waiting[-1].id)
        self._sent.clear()

    def _wants(self, message: Message, now: float) -> bool:
        condition = message.condition
        fresh = now - message.at < _STALE and message.id not in self._sent
        of_itself = (condition.kind, condition.subject) == (Kind.CHANNEL_FAILED, self.name)
        # Whoever is only to be woken reads no sheets.
        level = Level.WARN if condition.kind is Kind.DAILY_SHEET else condition.level
        return level >= self.channel.level and fresh and not of_itself

    def _try(self, note: Note, now: float) -> bool:
        """Whether it went; if not, when to try again, and a condition that the others will hear of."""
        try:
            self.send(self.channel, note, now)
        except ChannelFailed as error:
            self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            self._not_before = self.stopwatch() + self._pause
            telemetry.warn("alert.undelivered", channel=self.name, why=error, again_in=self._pause)
            failing = [_failing(self.name, now + 2 * _LONGEST_PAUSE)]
        else:
            telemetry.say("alert.sent", channel=self.name, title=note.title)
            self._pause, failing = 0.0, []
        self._judge(failing, now)
        return not failing

    def _judge(self, failing: list[Condition], now: float) -> None:
        self.ledger.alerts.judge({f"channel:{self.name}": failing}, now)

    def _remember_snoozes(self, now: float) -> None:
        """Those of what this tells without Redis, where they could not be asked for."""
        snoozes = self.ledger.alerts.snoozes(now)
        ends = [each.until - now for each in snoozes if each.target in _gone("").targets]
        self._quiet_until = self.stopwatch() + max(ends, default=float("-inf"))

    def _in_outage(self, error: LedgerUnavailable) -> None:
        at = self.stopwatch()
        self._away_since = at if self._away_since is None else self._away_since
        due = at - self._away_since >= _AWAY and at >= max(self._not_before, self._quiet_until)
        if due and not self._told_away:
            self._told_away = self._say_directly("began", str(error), at - self._away_since)

    def _after_outage(self) -> None:
        if self._told_away and self._away_since is not None and self.stopwatch() >= self._not_before:
            self._told_away = not self._say_directly("recovered", "", self.stopwatch() - self._away_since)
        if not self._told_away:
            self._away_since = None

    def _say_directly(self, what: What, why: str, lasted: float) -> bool:
        now = self.clock()
        message = Message(id="", what=what, at=now, since=now - lasted, condition=_gone(why))
        try:
            for note in notes([message], self.channel.lang, self.page):
                self.send(self.channel, note, now)
        except ChannelFailed as error:
            self._not_before = self.stopwatch() + _FIRST_PAUSE
            telemetry.warn("alert.undelivered", channel=self.name, why=error)
            return False
        return True


def _more_may_come(waiting: list[Message], now: float) -> bool:
    """Not what lies ahead, from before the clock was set back."""
    return 0 <= now - waiting[-1].at < GATHER and now - waiting[0].at < 3 * GATHER


def _gone(why: str) -> Condition:
    return Condition(kind=Kind.REDIS_GONE, level=Level.PAGE, scope="redis", facts={"why": why})


def _failing(name: str, until: float) -> Condition:
    """A channel that is not configured any more is not tried any more either, and over ``until`` then."""
    return Condition(
        kind=Kind.CHANNEL_FAILED,
        level=Level.WARN,
        scope=f"channel:{name}",
        subject=name,
        patience=_PATIENCE,
        until=until,
    )
