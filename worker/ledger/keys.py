"""Every key of the ledger, what it holds and who may write it.

All names begin with one prefix (``relaybeat:``). Times are Unix seconds by the clock of the Redis server,
so that workers on several machines agree. Values named JSON are written by :mod:`.codec`.

    windows, by id (``nightly-news@20261123T120000Z``)
      window:{id}         hash    plan (JSON)  slot  start  end  state  rev  tries  task_id  placed_at
                                  next_attempt_at  reason  by
                                  ``rev`` counts changes of the plan; ``by`` is who cancelled: plan or person
      log:{id}            list    JSON lines, oldest first, the last 200: changes of state and attempts
      due                 zset    id -> when something has to be done about it; the queue and the sweep
      out                 zset    id -> when it was handed out; bounds what is under way

    events, by id
      event:{id}          hash    spec (JSON)  digest  file  planned_until  in_file
      event:{id}:windows  zset    id -> start; kept two weeks past the end
      events              set     ids
      plan                zset    id -> when it must be planned again

    slots, by ``domain/app/stream``
      slot:{slot}         hash    fence  lease_until  holder  book (JSON)
                                  ``fence`` grows with each lease, and every write names the one it holds;
                                  ``book`` is what we know of the provider's side, see ``codec.Book``;
                                  expires three weeks after the slot's last window
      slot:{slot}:windows zset    id -> start; open windows only

    the provider's list, by domain
      look:{domain}       hash    @at -> when it was asked for; app/stream -> rows (JSON); expires
      look:{domain}:busy  string  somebody is asking now; expires

    the whole
      revision            number  grows with every change: an ETag
      applied             list    JSON lines, one an ``apply``: when, who, file, hash, counts
      seen:{role}         zset    process -> when it last made progress
      quota:*                     see ``lua/quota_*.lua``
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.relay import Slot


@dataclass(frozen=True, slots=True)
class Keys:
    """The names, under one prefix."""

    prefix: str = "relaybeat:"

    @property
    def due(self) -> str:
        """The queue."""
        return f"{self.prefix}due"

    @property
    def out(self) -> str:
        """What is handed out."""
        return f"{self.prefix}out"

    @property
    def events(self) -> str:
        """All event ids."""
        return f"{self.prefix}events"

    @property
    def plan(self) -> str:
        """When each event must be planned again."""
        return f"{self.prefix}plan"

    @property
    def revision(self) -> str:
        """The counter of changes."""
        return f"{self.prefix}revision"

    @property
    def applied(self) -> str:
        """The log of applies."""
        return f"{self.prefix}applied"

    def window(self, window_id: str) -> str:
        """A window's record."""
        return f"{self.prefix}window:{window_id}"

    def log(self, window_id: str) -> str:
        """A window's history."""
        return f"{self.prefix}log:{window_id}"

    def event(self, event_id: str) -> str:
        """An event's record."""
        return f"{self.prefix}event:{event_id}"

    def event_windows(self, event_id: str) -> str:
        """An event's windows by start."""
        return f"{self.prefix}event:{event_id}:windows"

    def slot(self, slot: Slot) -> str:
        """A slot's record."""
        return f"{self.prefix}slot:{slot}"

    def look(self, domain: str) -> str:
        """The last list of a domain."""
        return f"{self.prefix}look:{domain}"

    def seen(self, role: str) -> str:
        """Signs of life of a role."""
        return f"{self.prefix}seen:{role}"
