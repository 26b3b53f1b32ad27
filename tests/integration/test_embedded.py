from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis

from tests.support import wait_until
from worker.embedded import EmbeddedError, RedisServer, find_server


def client_of(server: RedisServer) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_a_write_that_was_acknowledged_survives_kill_9(redis_server: RedisServer) -> None:
    with client_of(redis_server) as client:
        for number in range(500):
            client.set(f"key:{number}", number)
        redis_server.kill()
        redis_server.start()
        assert client.dbsize() == 500


def test_nothing_is_ever_evicted_or_left_to_the_system_to_write(redis_server: RedisServer) -> None:
    wanted = {
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "aof-load-truncated": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    with client_of(redis_server) as client:
        assert client.config_get(*wanted) == wanted


def test_a_second_server_on_the_same_folder_is_refused_and_harms_nothing(redis_server: RedisServer) -> None:
    with client_of(redis_server) as client:
        client.set("kept", "yes")
        with pytest.raises(EmbeddedError, match="runs on this folder already"):
            RedisServer(redis_server.folder).start()
        assert client.get("kept") == "yes"


def test_without_a_port_it_listens_on_a_socket_that_only_its_owner_can_reach(tmp_path: Path) -> None:
    with RedisServer(tmp_path / 'a folder with "odd" characters, 50% of them') as server:
        assert server.folder.stat().st_mode & 0o077 == 0
        with client_of(server) as client:
            assert client.ping()
            assert client.config_get("port") == {"port": "0"}


def test_a_folder_too_deep_for_a_socket_still_works_and_leaves_nothing_elsewhere(tmp_path: Path) -> None:
    with RedisServer(tmp_path / ("deep" * 30)) as server:
        elsewhere = Path(server.url.removeprefix("unix://").partition("?")[0]).parent
        assert elsewhere.stat().st_mode & 0o077 == 0
    assert not elsewhere.exists()


def test_it_refuses_to_start_on_data_it_cannot_read_and_says_why(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server, client_of(server) as client:
        client.set("a", "b")
    for piece in (tmp_path / "appendonlydir").glob("*.manifest"):
        piece.write_text("nonsense\n")
    with pytest.raises(EmbeddedError, match="did not start"):
        RedisServer(tmp_path).start()


def test_a_stopped_server_frees_its_folder(tmp_path: Path) -> None:
    for _ in range(2):
        with RedisServer(tmp_path) as server:
            assert server.answers()
        assert not server.answers()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_no_server_outlives_the_kill_9_of_whoever_started_it(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from worker.embedded import RedisServer\n"
        "print(RedisServer(pathlib.Path(sys.argv[1])).start().process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        server = psutil.Process(int(owner.stdout.readline()))
        os.kill(owner.pid, signal.SIGKILL)
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)


def test_where_no_wheel_fits_the_server_on_the_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(find_server(), tmp_path / "redis-server")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server() == tmp_path / "redis-server"


def test_without_any_server_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EmbeddedError) as caught:
        find_server()
    assert "RELAYBEAT_REDIS_URL" in caught.value.hint
