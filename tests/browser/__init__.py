"""The page as people meet it: a real browser, ``relaybeat web``, a real Redis; all found by role and name."""
