"""``python -m worker`` is ``relaybeat``."""

from worker.cli import main

main()
