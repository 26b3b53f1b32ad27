"""Storms: the whole product in real processes, broken on purpose for minutes, and judged by a stranger.

    python -m tests.chaos            a few short storms, and a verdict
    python -m tests.chaos gate       every semantics and profile, for hours: what a release has to pass

Two halves that share nothing but files. The *storm* (``station``, ``proxy``, ``faults``, ``schedule``,
``programme``, ``storm``) runs processes, breaks them by a seeded schedule and writes down what it did. The
*checker* (``record``, ``replay``, ``weather``, ``rules``, ``checker``, ``final``, ``report``) reads those
files and the emulator's log, and imports nothing but the standard library: it cannot share a mistake with
what it judges.
"""
