"""Our figures beside the peers', from one run. ``make bench`` runs all; ``python -m benchmarks tick`` one.

Absolute figures drift with the machine; the ratios within a run hold.
"""
