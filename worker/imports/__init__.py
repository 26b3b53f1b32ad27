"""Planners' formats become an events file, with a verdict on every row."""
