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
from worker.probes.line import Dead, Deadline, Line, Reach
from worker.redact import mask_source, mask_text

_PORTS: Final = {"rtmp": 1935, "rtmps": 443, "http": 80, "https": 443, "srt": 9000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What came of trying one source; ``source`` is masked.

    ``code`` is a stable word: empty if it plays, else what stopped it (``name``, ``private``, ``connect``,
    ``tls``, ``protocol``, ``refused``, ``absent``, ``silent``, ``stale``). ``seconds`` is how long it took.
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
    """Tries sources. ``timeout``: seconds for one source as a whole; ``private``: also inside networks."""

    stopwatch: Callable[[], float]
    timeout: float = 10.0
    private: bool = False
    codecs: Callable[[str, float], str] = field(default=lambda _url, _seconds: "")

    def __call__(self, url: str) -> Probe:
        """One try; whatever goes wrong is a finding."""
        deadline = Deadline(self.stopwatch, self.stopwatch() + self.timeout)
        began = self.stopwatch()
        code, codecs = "", ""
        try:
            words = _play(url, Reach(deadline, self.private))
            if not url.lower().startswith("srt:"):  # that would take the seat
                codecs = self.codecs(url, deadline.left())
        except Dead as dead:
            code, words = dead.code, str(dead)
        except TimeoutError:
            code, words = "silent", f"said nothing more within {self.timeout:g} s"
        except OSError as error:
            code, words = "connect", error.strerror or str(error) or type(error).__name__
        return Probe(
            source=mask_source(url),
            code=code,
            words=mask_text(words),
            seconds=self.stopwatch() - began,
            codecs=codecs,
        )


def _play(url: str, reach: Reach) -> str:
    """What it sends, in words. Raises ``Dead`` or ``OSError``."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host, port = parts.hostname or "", parts.port or _PORTS[scheme]
    if scheme == "srt":
        return srt.greet(reach, host, port)
    if scheme in {"rtmp", "rtmps"}:
        with reach.line(host, port, tls=scheme == "rtmps") as line:
            return rtmp.play(line, url)
    return hls.play(reach, url) if parts.path.lower().endswith(".m3u8") else flv.play(reach, url)


__all__ = ["Dead", "Line", "Probe", "Prober"]
