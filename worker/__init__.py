"""Relaybeat: recurring broadcasts, pulled by Volcengine Live on time, every time."""

__version__ = "0.1.0"
