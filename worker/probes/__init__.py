"""Tries a source as the provider would: name, connection, protocol, and whether anything is sent.

What is found is true of the way from this machine to the source. The provider goes another way, so a
source that does not answer is a warning and never a reason not to place a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from worker.probes import flv, hls, rtmp, srt
from worker.probes.line import Dead, Deadline, Played, Reach
from worker.redact import mask_source

_PORTS: Final = {"rtmp": 1935, "rtmps": 443, "srt": 9000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What came of trying one source; ``source`` is masked.

    ``code`` is a stable word: empty if it plays, else what stopped it (``name``, ``private``, ``connect``,
    ``tls``, ``protocol``, ``refused``, ``redirect``, ``absent``, ``silent``, ``stale``; docs/preflight.md
    explains them). ``seconds`` is how long it took.
    """

    source: str
    code: str
    words: str
    seconds: float
    codecs: str = ""

    @property
    def alive(self) -> bool:
        """Whether it could be played."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Prober:
    """Tries sources. ``timeout``: seconds for one source as a whole; ``private``: also inside networks.

    ``codecs`` is told the beginning of a stream and the seconds that are left, and says what is in it.
    """

    stopwatch: Callable[[], float]
    timeout: float = 15.0
    private: bool = False
    codecs: Callable[[bytes, float], str] = field(default=lambda _sample, _seconds: "")

    def __call__(self, url: str) -> Probe:
        """One try; whatever goes wrong is a finding."""
        began = self.stopwatch()
        deadline = Deadline(self.stopwatch, began + self.timeout)
        code, codecs = "", ""
        try:
            played = _play(url, Reach(deadline, self.private))
            words, codecs = played.words, self._codecs(played, deadline)
        except Dead as dead:
            code, words = dead.code, str(dead)
        except TimeoutError:
            code, words = "silent", f"it said too little within {self.timeout:g} s"
        except OSError as error:
            code, words = "connect", f"it cannot be reached: {error.strerror or type(error).__name__}"
        took = self.stopwatch() - began
        return Probe(source=mask_source(url), code=code, words=words, seconds=took, codecs=codecs)

    def _codecs(self, played: Played, deadline: Deadline) -> str:
        try:
            return self.codecs(played.sample, deadline.left())
        except TimeoutError:
            return ""


def _play(url: str, reach: Reach) -> Played:
    """What it sends. Raises ``Dead`` or ``OSError``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Dead("protocol", "the address cannot be read") from None
    match parts.scheme:
        case "srt":
            return srt.greet(reach, host, port)
        case "rtmp" | "rtmps":
            with reach.line(host, port, tls=parts.scheme == "rtmps") as line:
                return rtmp.play(line, parts)
    return hls.play(reach, url) if parts.path.lower().endswith(".m3u8") else flv.play(reach, url)


__all__ = ["Dead", "Probe", "Prober"]
