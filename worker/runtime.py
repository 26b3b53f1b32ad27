"""The composition root: settings become parts, parts become a whole. The clock is read in the ledger."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from worker.alerts.carrier import Carrier
from worker.alerts.channels import Sender, parse_channels
from worker.alerts.daily import DailySheet
from worker.attempts import Attempts
from worker.changeover import Changeover
from worker.duties.air import OnAir
from worker.duties.coverage import Coverage
from worker.duties.data import Data
from worker.duties.heartbeat import Heartbeat
from worker.duties.sources import Sources
from worker.duties.vitals import Vitals
from worker.errors import SettingsError
from worker.journal import Journal
from worker.ledger import Ledger
from worker.ledger.client import connect, name_of
from worker.ledger.quota import Quota
from worker.ledger.watched import Tried
from worker.planner import Planner
from worker.probes import Prober
from worker.probes.codecs import codecs
from worker.provider.cloud import Cloud
from worker.rebuild import Rebuild
from worker.reconciler import Reconciler
from worker.settings import Settings
from worker.sights import Sights
from worker.turns import announcing
from worker.visit import Policy
from worker.watch import Duty, Errand, Looking, Watch
from worker.windows import Window

REDELIVER = 15.0
"""Seconds after which a window that was handed out and never claimed is handed out again: the sweep."""

PLANNING: Final = 10.0
"""Seconds after which a tick goes on to what is due, though there is more to plan."""


@dataclass(frozen=True)
class Runtime:
    """Everything that one process needs, made when first used and after any fork."""

    settings: Settings

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger that the settings name."""
        if not self.settings.redis_url:
            raise SettingsError(
                "RELAYBEAT_REDIS_URL is not set",
                hint="set it to your Redis, or run `relaybeat up`, which brings one and says its address",
            )
        return Ledger(connect(self.settings.redis_url))

    @cached_property
    def provider(self) -> Cloud:
        """The provider, behind the quota that all workers share."""
        if self.settings.credentials is None:
            raise SettingsError(
                "VOLC_ACCESSKEY and VOLC_SECRETKEY are not set",
                hint="set them, or their _FILE forms; `relaybeat up` without --live needs none",
            )
        return Cloud(
            self.settings.provider_url,
            self.settings.credentials,
            region=self.settings.region,
            key_field=self.settings.key_field,
            timeout=self.settings.timeout,
            now=lambda: datetime.now(UTC),
            stopwatch=time.monotonic,
            gate=announcing(self.quota),
        )

    @cached_property
    def quota(self) -> Quota:
        """The account's allowance."""
        return Quota(self.ledger.redis, per_second=self.settings.quota)

    @cached_property
    def planner(self) -> Planner:
        """Events to windows."""
        return Planner(self.ledger, self.settings.horizon)

    @cached_property
    def changeover(self) -> Changeover:
        """What becomes of a ledger that was planned by other releases of data."""
        return Changeover(self.planner)

    @cached_property
    def attempts(self) -> Attempts:
        """Windows to relays."""
        ledger = self.ledger
        return Attempts(
            ledger,
            self.provider,
            self.policy,
            self.name,
            random.SystemRandom().uniform,
            time.sleep,
            self.journal,
            self.rebuild.recall,
        )

    @cached_property
    def reconciler(self) -> Reconciler:
        """Plan, ledger and provider, compared."""
        policy = self.policy
        return Reconciler(
            Sights(self.ledger, self.provider, time.sleep, policy.look_age, policy.lease, policy.settle),
            self.planner,
        )

    def watch(self) -> Watch:
        """What looks at all of this from outside. Raises ``SettingsError`` for an alert address of no use."""
        settings, errands = self.settings, list[Errand]()
        watch = Watch(errands, time.monotonic)
        duties: list[Duty] = [
            Vitals(self.ledger, self.quota, settings.tick, self.name),
            Coverage(self.ledger, self.provider, settings.settle),
            self.on_air(),
            Data(self.ledger, settings.horizon),
        ]
        if settings.preflight != "off":
            duties.append(self.sources())
        errands += (Looking(duty, self.ledger.now, self.ledger.alerts.judge) for duty in duties)
        errands += self._carriers()
        if settings.sheet:
            errands.append(DailySheet(self.ledger, *settings.sheet))
        if settings.heartbeat:
            errands.append(Heartbeat(settings.heartbeat, watch.late))
        return watch

    def on_air(self) -> OnAir:
        """Who sees what is on air. Safe in one thread."""
        return OnAir(self.ledger, self.provider, self.settings.settle, self._try_sources)

    def sources(self) -> Sources:
        """Who tries sources, whatever the settings say of doing so unasked. Safe in one thread."""
        prober = Prober(time.monotonic, private=self.settings.preflight == "private", codecs=codecs)
        return Sources(self.ledger, prober, self.ledger.now)

    def _try_sources(self, windows: Collection[Window], seconds: float) -> Mapping[Window, Sequence[Tried]]:
        if self.settings.preflight == "off":
            return {}
        return self.sources().try_all(windows, until=self.ledger.now() + seconds)

    def _carriers(self) -> Iterator[Carrier]:
        send = Sender(self.settings.webhook_secret)
        for channel in parse_channels(self.settings.alerts, "en"):
            page = self.settings.page_url
            yield Carrier(self.ledger, channel, send, self.name, page, time.monotonic, time.time)

    @property
    def policy(self) -> Policy:
        """What attempts, and who compares, go by."""
        settings = self.settings
        return Policy(settling=settings.look_again, settle=settings.settle, timeout=settings.timeout)

    @cached_property
    def journal(self) -> Journal:
        """What this machine remembers by itself."""
        return Journal(self.settings.journal, self.settings.provider_url)

    @cached_property
    def rebuild(self) -> Rebuild:
        """What becomes of a ledger that forgot."""
        settings = self.settings
        return Rebuild(
            self.ledger,
            self.journal,
            self.planner,
            name=name_of(settings.redis_url),
            by=self.name,
            timeout=settings.timeout,
            settling=settings.look_again,
        )

    @property
    def name(self) -> str:
        """This process, as it signs what it does."""
        return f"{socket.gethostname()}:{os.getpid()}"

    @property
    def capacity(self) -> int:
        """How many windows may be under way: what the quota serves in two ticks, and no more."""
        return 2 * self.settings.quota * self.settings.tick

    def remember(self) -> None:
        """Tells the ledger what it has forgotten, and keeps a copy of what people want, on this machine."""
        self.rebuild.recall()
        self.rebuild.keep()

    def pulse(self) -> None:
        """Shows that it is there, and remembers; beside workers with other releases of data it also plans.

        Ticks are not dealt out in turn: the one who is to plan might wait for its first for ever.
        """
        self.remember()
        now = self.ledger.now()
        if not self.changeover.show(now):
            self._plan(now)

    def tick(self) -> list[str]:
        """Plans what has entered the horizon and takes what is due; the caller delivers the ids."""
        self.rebuild.recall()
        now = self.ledger.now()
        self._plan(now)
        self.ledger.saw("tick", self.name, now)
        if not self.rebuild.mended(now):
            return []
        return self.ledger.hand_out(now=now, capacity=self.capacity, redeliver=REDELIVER)

    def _plan(self, now: float) -> None:
        planned = self.planner.tick(now, by=self.name, within=PLANNING)
        if planned is None and self.changeover.tick(now):
            self.planner.tick(now, by=self.name, within=PLANNING)
