"""A stand-in for Volcengine Live's relay API: documented limits and codes, real signatures, faults on demand.

    options     what can be chosen                          air         what is on air, read off the world
    refusals    the provider's error codes                  faults      which fault meets which request
    fields      parameters, by the documents' limits        signature   who calls
    directory   domains and their vhosts                    quota       requests a second
    world       what is held, and what changes it           journal     a line for each request
    actions     what each action takes and says             store       the world on disk
    gateway     the way of a request through all of it      wire        answers, and their failing to arrive
    admin       ``/_emulator/``                              app, server in process, or behind a port

Start with :func:`~.app.create_app` in process, :func:`~.server.serving` in a test, or
``relaybeat emulator``.
"""
