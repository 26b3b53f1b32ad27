"""The beat table: what ticks, how often, and for how long a tick is worth having.

Data only; tasks by name. The interval of ``tick`` is what ``RELAYBEAT_TICK`` says, 5 seconds by default.
A tick that nobody took in time is dropped: the next one does the same and more.
"""

BEAT_SCHEDULE = {
    "tick": {
        "task": "relaybeat.tick",
        "schedule": 5.0,
        "options": {"queue": "relaybeat.tick", "expires": 5.0},
    },
    "reconcile": {
        "task": "relaybeat.reconcile",
        "schedule": 30.0,
        "options": {"queue": "relaybeat.tick", "expires": 30.0},
    },
}
