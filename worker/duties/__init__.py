"""What the watch does: one module a duty, each with a ``look`` that says what is wrong at that moment."""
