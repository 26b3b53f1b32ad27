"""A plan before it is applied: read from whatever it is kept in, held against the ledger, told, then done.

:mod:`.reading` makes a draft of a file, :mod:`.drafting` says what the draft would do and does just that;
:mod:`.differences` and :mod:`.standing` tell it, to people and to scripts, for command line, page and API.
"""
