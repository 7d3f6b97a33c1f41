"""The start command as a process: started, stopped, killed, and started wrongly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fakes.saved_models import SIDE, write_version

START_SECONDS = 60.0
FACE = [[[0]] * SIDE] * SIDE


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("store") / "tiny"
    base.mkdir()
    write_version(base, 1)
    return base


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def command(base: Path, port: int, rest_port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "mien_tf_serving"),
        *(f"--port={port}", f"--rest_api_port={rest_port}"),
        *("--model_name=tiny", f"--model_base_path={base}"),
        *("--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=1"),
    ]


def environment() -> dict[str, str]:
    """Without a PATH, so that it is the embedded server even where the real one is there."""
    return {name: value for name, value in os.environ.items() if name != "PATH"} | {"PATH": ""}


@contextmanager
def running(arguments: list[str], rest_port: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(arguments, env=environment(), stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_served(rest_port)
            yield process
        finally:
            process.kill()


def wait_until_served(rest_port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        try:
            if ask(rest_port).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the server did not start in time")


def ask(rest_port: int) -> httpx.Response:
    url = f"http://127.0.0.1:{rest_port}/v1/models/tiny:predict"
    return httpx.post(url, json={"instances": [FACE]}, timeout=10)


def test_a_killed_server_serves_again_on_the_same_ports(base: Path) -> None:
    """And one that is asked to stop ends with status 0."""
    port, rest_port = free_port(), free_port()
    arguments = command(base, port, rest_port)
    with running(arguments, rest_port) as process:
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    with running(arguments, rest_port) as process:
        assert ask(rest_port).json() == {"predictions": [[0.0, 0.5, 0.0]]}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def ended(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mien_tf_serving", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def test_a_port_in_use_is_said_clearly(base: Path) -> None:
    """Which port, and the flag that changes it; and the process ends."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ended(f"--port={port}", "--model_name=tiny", f"--model_base_path={base}")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert f"127.0.0.1:{port}" in last
    assert "--port" in last


def test_nothing_to_serve_is_said_clearly() -> None:
    """With the flags that say what to serve."""
    done = ended("--port=0")
    assert done.returncode == 1
    assert "--model_config_file or --model_base_path" in done.stderr
