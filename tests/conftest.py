"""Servers that tests of several parts need."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mien_stack.redis_server import redis_command
from mien_stack.sample_photo import sample_photo
from mien_stack.settings import StackSettings
from tests.running_system import System, run_stack, stack_environment

START_SECONDS = 10
TESTS = Path(__file__).parent
# In `make test-all` alone: what takes minutes, or repeats for every network, fault or browser
# what one case of `make test` holds.
NIGHTLY = (
    "chaos/",
    "compose/",
    "soak/",
    "browser/test_live_minute.py",
    "browser/test_still_recovery.py",
    "e2e/test_bench.py",
    "e2e/test_client_alone.py",
    "e2e/test_compare.py",
    "e2e/test_dashboard.py",
    "e2e/test_demo.py",
    "e2e/test_profile.py",
    "unit/training/export/test_benchmark.py",
    "unit/training/export/test_every_architecture.py",
    "unit/training/export/test_explaining.py",
    "unit/training/test_compare.py",
    "unit/training/test_peers.py",
    "unit/training/test_programs.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `make test-all`."""
    for item in items:
        if item.path.relative_to(TESTS).as_posix().startswith(NIGHTLY):
            item.add_marker(pytest.mark.nightly)


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

    def resume(self) -> None:
        """Let it answer again, what came meanwhile first."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

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


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, started by the command that `make up` runs."""
    run_dir = tmp_path_factory.mktemp("system")
    environment = stack_environment(run_dir)
    done = run_stack(environment, "up")
    assert done.returncode == 0, done.stdout + done.stderr
    ports = {name: environment[f"MIEN_STACK_{name.upper()}"] for name in StackSettings().ports()}
    settings = StackSettings.model_validate({"run_dir": run_dir, **ports})
    yield System(settings, environment, done.stdout)
    assert run_stack(environment, "down").returncode == 0


@pytest.fixture(scope="session")
def photo() -> bytes:
    """The sample photo, a JPEG with one face."""
    return sample_photo()
