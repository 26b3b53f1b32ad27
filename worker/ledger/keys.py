"""Every key of the ledger, what it holds and who may write it.

All names begin with one prefix (``relaybeat:``). Times are Unix seconds by the clock of the Redis server,
so that workers on several machines agree. Values named JSON are written by :mod:`.codec`.

    windows, by id (``nightly-news@20261123T120000Z``)
      window:{id}         hash    plan (JSON)  slot  start  end  state  rev  tries  task_id  placed_at
                                  next_attempt_at  reason  by  reading
                                  ``rev`` counts changes of the plan; ``by`` is who cancelled: plan or person;
                                  ``reading`` is what the clock of its zone showed at its nominal start
      log:{id}            list    JSON lines, oldest first, the last 200: changes of state and attempts
      due                 zset    id -> when something has to be done about it; the queue and the sweep
      out                 zset    id -> when it was handed out; bounds what is under way

    events, by id
      event:{id}          hash    spec (JSON)  digest  file  planned_until  in_file  paused (JSON)  said
                                  edition
                                  ``paused`` is who paused it, when and why; ``said`` counts people's words;
                                  ``edition`` is the one by which it was planned last
      event:{id}:windows  zset    id -> start; kept two weeks past the end
      event:{id}:overrides hash   window id -> what a person said of it (JSON); until it has passed
      log:{event}         list    JSON lines, oldest first, the last 200: who paused it and resumed it
      events              set     ids
      overruled           set     ids of events that are paused, or have overrides
      plan                zset    id -> when it must be planned again

    slots, by ``domain/app/stream``
      slot:{slot}         hash    fence  lease_until  holder  book (JSON)  sent_at  told_at
                                  ``fence`` grows with each lease, and every write names the one it holds;
                                  ``book`` is what we know of the provider's side, see ``codec.Book``;
                                  ``sent_at`` is when the last write to the provider was noted in it, and
                                  ``told_at`` the same where that was told by a journal;
                                  expires three weeks after the slot's last window
      slot:{slot}:windows zset    id -> start; open windows only
      held:{domain}       set     app/stream of the slots whose book has relays of ours

    the provider's list, by domain
      look:{domain}       hash    @at -> when it was asked for; app/stream -> rows (JSON); expires
      look:{domain}:busy  string  somebody is asking now; expires
      domains             zset    domain -> the latest end of a window that was planned on it
      drift:{domain}      hash    key of a finding -> JSON, see ``drifts.Remembered``; until it is solved
      reconciling         string  the last look of a beat is not long ago; expires

    what the watch saw
      watched:{id}        hash    air  sources (JSON): as seen and tried last; goes with the window

    what is wrong, and who heard of it
      conditions          hash    key of a condition -> JSON: scope, since, what was told of it
      looked              hash    scope -> when it was looked at last; a day
      alerts              stream  what people are to hear, the last 5,000
      heard               hash    channel -> the id of the last message it got
      heard:{channel}     string  who serves the channel now; expires
      told:{name}         string  what is told once, such as the sheet of a day; expires
      snoozes             hash    event, window, kind, domain or ``*`` -> until when, by whom, why (JSON)

    calendars that people subscribe to
      feeds               hash    SHA-256 of a key -> JSON, see ``feeds.Feed``

    the whole
      revision            number  grows with every change: an ETag
      outcomes            hash    what came of calls -> how often
      intent              number  when people last changed what they want
      born                number  when they first did, in this life of the ledger
      epoch               string  which life of the ledger this is: anew when it was emptied or restarted
      lost                number  when it was found empty that had not been
      restoring           set     events to be dropped, and ''; until all that was restored is planned
      recalled            hash    slot -> what a journal told of it (JSON), until it is seen to
      applied             list    JSON lines, oldest first, the last 500: each apply that changed something
      revisions           number  that of the last apply
      words               list    JSON lines, oldest first, the last 1,000: what people said
      edition             hash    by  survey (JSON)
                                  ``by`` is the edition by which windows are planned; ``survey`` is how far
                                  the one that takes over has told what would move
      editions            list    JSON lines, oldest first, the last 50: each change of edition, with counts
      moves               list    JSON lines, the first 1,000 windows that the last change moves
      seen:{role}         zset    process -> when it last made progress; of the role ``edition``: the editions
                                  by which workers would plan
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
    def overruled(self) -> str:
        """The events of which people said something that holds."""
        return f"{self.prefix}overruled"

    @property
    def plan(self) -> str:
        """When each event must be planned again."""
        return f"{self.prefix}plan"

    @property
    def revision(self) -> str:
        """The counter of changes."""
        return f"{self.prefix}revision"

    @property
    def outcomes(self) -> str:
        """How often calls went well, or did not."""
        return f"{self.prefix}outcomes"

    @property
    def intent(self) -> str:
        """When people last changed what they want."""
        return f"{self.prefix}intent"

    @property
    def applied(self) -> str:
        """The log of applies."""
        return f"{self.prefix}applied"

    def watched(self, window_id: str) -> str:
        """What was seen of a window."""
        return f"{self.prefix}watched:{window_id}"

    @property
    def conditions(self) -> str:
        """What is wrong."""
        return f"{self.prefix}conditions"

    def told(self, name: str) -> str:
        """That this was told."""
        return f"{self.prefix}told:{name}"

    @property
    def looked(self) -> str:
        """When each scope was looked at."""
        return f"{self.prefix}looked"

    @property
    def alerts(self) -> str:
        """What people are to hear."""
        return f"{self.prefix}alerts"

    @property
    def heard(self) -> str:
        """What each channel has heard."""
        return f"{self.prefix}heard"

    @property
    def snoozes(self) -> str:
        """What nobody wants to hear of for now."""
        return f"{self.prefix}snoozes"

    @property
    def feeds(self) -> str:
        """Under which addresses calendars are read."""
        return f"{self.prefix}feeds"

    @property
    def revisions(self) -> str:
        """The number of the last apply."""
        return f"{self.prefix}revisions"

    @property
    def words(self) -> str:
        """The log of what people said."""
        return f"{self.prefix}words"

    @property
    def edition(self) -> str:
        """By which edition windows are planned."""
        return f"{self.prefix}edition"

    @property
    def editions(self) -> str:
        """The log of changes of it."""
        return f"{self.prefix}editions"

    @property
    def moves(self) -> str:
        """What the last of them moves."""
        return f"{self.prefix}moves"

    @property
    def epoch(self) -> str:
        """Which life of the ledger this is."""
        return f"{self.prefix}epoch"

    @property
    def lost(self) -> str:
        """When it was found empty that had not been."""
        return f"{self.prefix}lost"

    @property
    def restoring(self) -> str:
        """Whether restored events are still being planned."""
        return f"{self.prefix}restoring"

    @property
    def recalled(self) -> str:
        """What journals told, and nobody has seen to."""
        return f"{self.prefix}recalled"

    def held(self, domain: str) -> str:
        """The slots of a domain whose books have relays of ours."""
        return f"{self.prefix}held:{domain}"

    @property
    def domains(self) -> str:
        """The domains that windows are planned on."""
        return f"{self.prefix}domains"

    @property
    def reconciling(self) -> str:
        """Whose turn it was to reconcile."""
        return f"{self.prefix}reconciling"

    def drift(self, domain: str) -> str:
        """What was found wrong with a domain."""
        return f"{self.prefix}drift:{domain}"

    def window(self, window_id: str) -> str:
        """A window's record."""
        return f"{self.prefix}window:{window_id}"

    def log(self, window_id: str) -> str:
        """A window's history."""
        return f"{self.prefix}log:{window_id}"

    def event(self, event_id: str) -> str:
        """An event's record."""
        return f"{self.prefix}event:{event_id}"

    def overrides(self, event_id: str) -> str:
        """What people said of an event's windows."""
        return f"{self.prefix}event:{event_id}:overrides"

    def event_windows(self, event_id: str) -> str:
        """An event's windows by start."""
        return f"{self.prefix}event:{event_id}:windows"

    def slot(self, slot: Slot) -> str:
        """A slot's record."""
        return f"{self.prefix}slot:{slot}"

    def slot_windows(self, slot: Slot) -> str:
        """A slot's open windows by start."""
        return f"{self.prefix}slot:{slot}:windows"

    def look(self, domain: str) -> str:
        """The last list of a domain."""
        return f"{self.prefix}look:{domain}"

    def seen(self, role: str) -> str:
        """Signs of life of a role."""
        return f"{self.prefix}seen:{role}"
