"""Real origins to pull from: nginx with its RTMP module, ffmpeg, and listeners that do as a test says."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import wait_until
from worker.embedded import free_port

KEY = "streamkey-canary"
"""The stream that an :class:`Origin` plays."""
FEED = "feed.example.net"
"""Leads here for those who go by :func:`names`: the events file refuses addresses inside networks."""
_NAMES = f"""\
import socket

real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *args, **how: real({{"{FEED}": "127.0.0.1"}}.get(host, host), *args, **how)
"""
_ROOT = Path(__file__).parents[1]
_RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
_PICTURE = ("-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10")
_SOUND = ("-re", "-f", "lavfi", "-i", "sine")
_ENCODING = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "10", "-c:a", "aac")
_CONF = """\
load_module {module};
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{}}
rtmp {{ access_log off; server {{ listen 127.0.0.1:{rtmp}; application live {{
  live on; hls on; hls_path {folder}/hls; hls_fragment 1s; hls_playlist_length 5s; }} }} }}
http {{ access_log off; client_body_temp_path {folder}/1; proxy_temp_path {folder}/2;
  fastcgi_temp_path {folder}/3; uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{http}; root {folder}; location /secret {{ deny all; }} }} }}
"""


def names(folder: Path) -> str:
    """The ``PYTHONPATH`` of a process that is to know :data:`FEED`."""
    (folder / "sitecustomize.py").write_text(_NAMES)
    return f"{folder}:{_ROOT}"


def need(*tools: str) -> None:
    """Skips the test where one of these is not installed; in CI that is an error."""
    missing = [tool for tool in tools if not (Path(tool).exists() or shutil.which(tool))]
    if missing and os.environ.get("CI"):
        raise FileNotFoundError(*missing)
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@contextlib.contextmanager
def running(*command: str | Path, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is gone afterwards."""
    process = subprocess.Popen(
        list(map(str, command)), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def ffmpeg(*output: str, media: tuple[str, ...] = (*_PICTURE, *_SOUND)) -> list[str]:
    """The command that sends a test picture and a tone, for ever."""
    return ["ffmpeg", "-v", "error", "-nostdin", *media, *_ENCODING, *output]


def is_listening(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it waits on this port; found out without going there, which would take its only seat."""
    found = psutil.Process(process.pid).net_connections()
    return any(each.laddr.port == port and not each.raddr for each in found if each.laddr)


@dataclass(frozen=True)
class Origin:
    """nginx, to which ffmpeg sends the stream ``KEY`` by RTMP; it gives it away by RTMP and HLS."""

    folder: Path
    rtmp_port: int
    http_port: int

    @property
    def rtmp(self) -> str:
        return f"rtmp://127.0.0.1:{self.rtmp_port}/live/{KEY}"

    @property
    def hls(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/hls/{KEY}.m3u8"

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """While somebody sends it the stream; from when there is something to be seen of it."""
        playlist = self.folder / "hls" / f"{KEY}.m3u8"
        with running(*ffmpeg("-f", "flv", self.rtmp)):
            wait_until(lambda: playlist.exists() and playlist.read_text().count("#EXTINF") > 1, 20)
            yield


@contextlib.contextmanager
def origin() -> Iterator[Origin]:
    """One to which nobody sends anything yet."""
    need("nginx", "ffmpeg", str(_RTMP_MODULE))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = Origin(folder, free_port(), free_port())
        conf = folder / "nginx.conf"
        ports = {"rtmp": found.rtmp_port, "http": found.http_port}
        conf.write_text(_CONF.format(module=_RTMP_MODULE, folder=folder, **ports))
        with running("nginx", "-c", conf, "-p", folder) as nginx:
            wait_until(lambda: is_listening(nginx, found.rtmp_port) and is_listening(nginx, found.http_port))
            yield found


@contextlib.contextmanager
def flv_over_http() -> Iterator[str]:
    """The address of ffmpeg as an HTTP-FLV origin, for one caller."""
    need("ffmpeg")
    port = free_port()
    url = f"http://127.0.0.1:{port}/live/news.flv"
    with running(*ffmpeg("-f", "flv", "-listen", "1", url)) as process:
        wait_until(lambda: is_listening(process, port))
        yield url


@contextlib.contextmanager
def srt_listener() -> Iterator[str]:
    """The address of ffmpeg as an SRT listener with one seat."""
    need("ffmpeg", "srt-live-transmit")
    port = free_port()
    url = f"srt://127.0.0.1:{port}"
    with running(*ffmpeg("-f", "mpegts", f"{url}?mode=listener")) as process:
        wait_until(lambda: is_listening(process, port))
        yield url


def pulls_by_srt(url: str) -> bool:
    """Whether a real caller is let in and sent something."""
    with running("srt-live-transmit", url, "file://con", stdout=subprocess.PIPE) as caller:
        assert caller.stdout
        return caller.stdout.read(188)[:1] == b"\x47"


Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a listener that says to each caller what ``talk`` says, and hangs up when that returns."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                if tls:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                with self.request:
                    talk(self.request)

    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = 128
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def listen_on(sock: socket.socket) -> None:
    """Says nothing until the caller has gone."""
    while sock.recv(65_536):
        pass


def saying(*told: bytes) -> Talk:
    """Says this, whatever is asked, and then nothing more until the caller has gone."""

    def talk(sock: socket.socket) -> None:
        sock.sendall(b"".join(told))
        listen_on(sock)

    return talk


def ending(*told: bytes) -> Talk:
    """Says this, whatever is asked, and ends."""

    def talk(sock: socket.socket) -> None:
        sock.sendall(b"".join(told))
        sock.shutdown(socket.SHUT_WR)
        listen_on(sock)

    return talk


def trickling(told: bytes) -> Talk:
    """Says this byte by byte, ten a second, and then the last byte for ever."""

    def talk(sock: socket.socket) -> None:
        pace = threading.Event()
        for byte in told:
            sock.sendall(bytes([byte]))
            pace.wait(0.1)
        while not pace.wait(0.1):
            sock.sendall(told[-1:])

    return talk


def page(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """An answer of HTTP."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def certificate(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody signed, for 127.0.0.1; it is ``cert.pem``."""
    need("openssl")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run([*command, "-nodes", "-days", "2", *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
