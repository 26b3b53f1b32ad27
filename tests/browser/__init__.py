"""The page as people meet it: a real browser, a real ``relaybeat web``, a real Redis. Found by role and name."""
