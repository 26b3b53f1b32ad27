"""What ffprobe says of the beginning of a stream, where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from typing import Any, Final

_LONGEST: Final = 3.0
"""Seconds that it may take; without them there is no point in asking."""
_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Unlike the rest of a probe this is work, and windows that begin together are probed together."""
_COMMAND: Final = (
    *("-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "json"),
    *("-protocol_whitelist", "pipe", "-format_whitelist", "flv,mpegts,mov,aac,mp3", "-i", "pipe:0"),
)


def codecs(sample: bytes, seconds: float) -> str:
    """Such as ``h264 1920x1080, aac``; empty if there is no ffprobe, no time, or no answer.

    It is given what we received, and neither the address, which is a secret, nor a way to the network: it
    would follow redirects, and go wherever a playlist leads.
    """
    ffprobe = shutil.which("ffprobe")
    if not ffprobe or not sample or seconds < _LONGEST or not _AT_ONCE.acquire(timeout=seconds - _LONGEST):
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing from outside among the arguments
            [ffprobe, *_COMMAND], input=sample, capture_output=True, timeout=_LONGEST, check=True
        )
        streams = json.loads(done.stdout).get("streams", [])
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    finally:
        _AT_ONCE.release()
    return ", ".join(map(_stream, streams))


def _stream(told: dict[str, Any]) -> str:
    size = f" {told['width']}x{told['height']}" if told.get("width") else ""
    return f"{told.get('codec_name', 'unknown')}{size}"
