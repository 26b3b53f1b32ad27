"""The Celery app: the transport between the ledger and the workers, and nothing more.

A message carries a window's id. What is lost, doubled or late in transit costs one tick, because the
ledger hands out again whatever is not recorded. The settings are those that survive a restart of Redis
with Celery 5.7.0; ``tests/integration`` restarts one under idle and busy workers.

``celery -A worker.tasks worker`` and ``celery -A worker.tasks beat`` work as they stand.
"""

from __future__ import annotations

import atexit
import functools
import os
import time
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from celery import Celery, bootsteps, signals
from kombu import Exchange, Producer, Queue
from kombu.exceptions import OperationalError
from kombu.utils.uuid import uuid

from beat_schedule import BEAT_SCHEDULE
from worker import telemetry
from worker.errors import LedgerUnavailable
from worker.health import Role, Signs
from worker.ledger.client import SOCKET
from worker.runtime import Runtime
from worker.settings import Settings, load_settings

TICK: Final = "relaybeat.tick"
ATTEMPT: Final = "relaybeat.attempt"
"""Tasks, each with a queue of the same name."""
PULSE: Final = "relaybeat.pulse"
"""A task; each worker has a queue of its own for it, of this name, a dot and the worker's."""
RECONCILE: Final = "relaybeat.reconcile"
"""A task that shares the queue of the tick."""


CONFIGURATION: Final[dict[str, Any]] = {
    "beat_scheduler": "celery.beat:Scheduler",  # in memory: no file for two beats to fight over
    "beat_max_loop_interval": 5,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_pool_limit": 5,
    # A message is gone once a worker has it; the ledger knows what came of it. Late acknowledgement and
    # prefetching are what makes 5.7.0 end when Redis restarts.
    "task_acks_late": False,
    "worker_cancel_long_running_tasks_on_connection_loss": True,  # none is: it is about late acknowledgement
    "worker_disable_prefetch": True,
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_max_tasks_per_child": 1_000,
    "worker_send_task_events": False,
    "task_send_sent_event": False,
    "task_ignore_result": True,
    "result_backend": None,
    # Nothing but JSON: a message that could name a class to build would be code.
    "task_serializer": "json",
    "result_serializer": "json",
    "accept_content": ["json"],
    "task_time_limit": 120,
    "task_soft_time_limit": 90,
    "task_publish_retry_policy": {
        "max_retries": 3,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.5,
    },
    "task_default_queue": ATTEMPT,
    "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in (TICK, ATTEMPT)],
    "task_routes": {name: {"queue": TICK} for name in (TICK, RECONCILE)},
    "timezone": "UTC",
    "enable_utc": True,
}
"""What Celery is told, whatever the settings. Measured with 5.7.0; to be measured again at each upgrade."""

TRANSPORT: Final[dict[str, Any]] = SOCKET | {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "global_keyprefix": "relaybeat:celery:",
}
"""What kombu's Redis transport is told."""


def broker_url(redis_url: str) -> tuple[str, dict[str, str]]:
    """The same Redis in the words of kombu, and what else its transport must be told."""
    if redis_url.startswith("unix://"):
        return "redis+socket://" + redis_url.removeprefix("unix://"), {}
    if redis_url.startswith("sentinel://"):
        parts = urlsplit(redis_url)
        return f"sentinel://{parts.netloc}", {"master_name": parts.path.strip("/") or "mymaster"}
    return redis_url, {}


def make_app(settings: Settings) -> Celery:
    """The Celery app for these settings."""
    url, sentinel = broker_url(settings.redis_url)
    app = Celery("relaybeat", broker=url or "memory://")
    app.conf.update(CONFIGURATION)
    app.conf.broker_transport_options = TRANSPORT | sentinel
    app.conf.beat_schedule = BEAT_SCHEDULE | {"tick": _ticking(BEAT_SCHEDULE["tick"], settings.tick)}
    return app


def _ticking(entry: dict[str, Any], seconds: int) -> dict[str, Any]:
    """The table's entry at the interval that was set."""
    return entry | {"schedule": float(seconds), "options": entry["options"] | {"expires": float(seconds)}}


settings = load_settings()
app = make_app(settings)


@functools.cache
def _runtime_of(_pid: int) -> Runtime:
    return Runtime(settings)


def runtime() -> Runtime:
    """The parts of this process; a forked child makes its own."""
    return _runtime_of(os.getpid())


@signals.setup_logging.connect
def _logging(**_: Any) -> None:
    telemetry.start_logging(settings.secrets(), json=settings.log == "json")


@app.task(name=TICK)
def tick() -> None:
    """Plans, and hands out what is due, in one batch of messages."""
    try:
        ids = runtime().tick()
        deliver(app, ids)
        runtime().remember()
    except (LedgerUnavailable, OperationalError) as error:
        telemetry.warn("tick.skipped", why=error)


@app.task(name=RECONCILE)
def reconcile() -> None:
    """Compares what the provider lists with what it should, and has what is ours mended."""
    try:
        runtime().reconciler.beat()
    except LedgerUnavailable as error:
        telemetry.warn("reconcile.skipped", why=error)


@app.task(name=ATTEMPT)
def attempt(window_id: str) -> None:
    """One attempt for one window."""
    try:
        runtime().attempts.run(window_id)
    except LedgerUnavailable as error:
        # The window stays due in the ledger, or its lease runs out: it is handed out again either way.
        telemetry.warn("attempt.abandoned", window=window_id, why=error)


@app.task(name=PULSE)
def pulse() -> None:
    """Little, but through the same doors as everything: that it was done is what counts."""
    try:
        runtime().pulse()
    except LedgerUnavailable as error:
        telemetry.warn("pulse.skipped", why=error)


class Pulse(bootsteps.StartStopStep):
    """Has a worker send itself a pulse each tick, through broker, queue and pool, and so show that it works.

    Ticks are no such proof: see :func:`worker.health.patience`.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """On each new connection."""
        self.entry = parent.timer.call_repeatedly(settings.tick, self.send)

    def stop(self, parent: Any) -> None:  # noqa: ARG002
        """When the connection is lost, or the worker ends."""
        self.entry.cancel()

    def send(self) -> None:
        """Sends one. A broker that is away costs no more than that one."""
        with suppress(OperationalError):
            pulse.apply_async(queue=_own_queue(), retry=False)


app.steps["consumer"].add(Pulse)


def _own_queue() -> str:
    return f"{PULSE}.{runtime().name}"


@signals.celeryd_after_setup.connect
def _worker_begins(instance: Any, **_: Any) -> None:
    queue = instance.app.amqp.queues.select_add(Queue(_own_queue(), routing_key=_own_queue()))
    queue.exchange = Exchange("")  # no binding, which would outlive a worker that is killed
    _show_progress("worker", signals.task_success)


@signals.beat_init.connect
def _beat_begins(**_: Any) -> None:
    _show_progress("beat", signals.after_task_publish)


def _show_progress(role: Role, progress: Any) -> None:
    """Has this process, and what it forks, leave a sign of life now and at each such signal."""
    signs = Signs(role, runtime().name, time.monotonic)

    def show(**_: Any) -> None:
        signs.show(runtime().ledger)

    show()
    progress.connect(show, weak=False)
    atexit.register(lambda: signs.withdraw(runtime().ledger))


def deliver(app: Celery, ids: list[str]) -> None:
    """Sends a message for each window, in their order. Raises kombu's ``OperationalError``.

    A connection that broke is made anew, and all are sent again: a doubled message costs nothing.
    """
    template = app.amqp.as_task_v2("", ATTEMPT, args=("",))

    def send() -> None:
        with producer.batch(1_000):  # type: ignore[attr-defined]  # new in kombu 5.7
            producer.maybe_declare(app.amqp.queues[ATTEMPT])
            for window_id in ids:
                _publish(producer, template, window_id)

    with app.connection_or_acquire() as connection:
        producer = Producer(connection)
        connection.ensure(producer, send, **app.conf.task_publish_retry_policy)()


def _publish(producer: Producer, template: Any, window_id: str) -> None:
    """A message of Celery's own protocol, made after a template: made anew, each would cost fourfold."""
    task_id = uuid()
    producer.publish(
        ([window_id], {}, template.body[2]),
        headers=template.headers | {"id": task_id, "root_id": task_id, "argsrepr": repr([window_id])},
        correlation_id=task_id,
        exchange="",
        routing_key=ATTEMPT,
        serializer="json",
    )
