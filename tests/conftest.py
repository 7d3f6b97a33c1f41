"""Servers that tests of several parts need."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from mien_stack.redis_server import redis_command

START_SECONDS = 10


class RedisServer:
    """A real server on a port of its own, which a test may kill and start again."""

    def __init__(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as held:
            self.port: int = held.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, whether or not it runs."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._process = subprocess.Popen(
            redis_command(self.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "Redis does not start"
                time.sleep(0.02)
            else:
                return

    def hang(self) -> None:
        """Let it take connections and answer nothing; `kill` ends that too."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running, empty Redis."""
    server = RedisServer()
    server.start()
    yield server
    server.kill()
