"""What ffprobe says of a source, where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Final

_LEAST: Final = 2.0
"""Seconds below which there is no point in asking."""


def codecs(url: str, seconds: float) -> str:
    """Such as ``h264 1920x1080, aac``; empty if there is no ffprobe, no time, or no answer.

    The address goes through a pipe: the arguments of a process can be read by everybody on the machine.
    """
    ffprobe = shutil.which("ffprobe")
    if not ffprobe or seconds < _LEAST:
        return ""
    command = [ffprobe, "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "json"]
    command += ["-protocol_whitelist", "pipe,file,rtmp,rtmps,http,https,tcp,tls,srt,udp,crypto"]
    command += ["-f", "concat", "-safe", "0", "-i", "pipe:0"]
    told = f"file '{url}'\n".replace("'", r"'\''") if "'" in url else f"file '{url}'\n"
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the address is not among the arguments
            command, input=told.encode(), capture_output=True, timeout=seconds, check=True
        )
        streams = json.loads(done.stdout).get("streams", [])
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    return ", ".join(map(_stream, streams))


def _stream(told: dict[str, object]) -> str:
    size = f" {told['width']}x{told['height']}" if told.get("width") else ""
    return f"{told.get('codec_name', 'unknown')}{size}"
