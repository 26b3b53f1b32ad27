"""Python's own start-up hook, for the one process whose clock libfaketime shifts.

libfaketime 0.9.10 refuses the absolute clock_nanosleep that ``time.sleep`` is made of (EINVAL, Python 3.11
and later) if the monotonic clock is left alone, and makes locks time out late if it is not. A wait by
``select`` is relative, and passes.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
