"""What `make up`, `make status`, `make logs` and `make down` do."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mien_stack.supervisor import MARK
from tests.running_system import ROOT, System, run_stack, stack_environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
PROCESSES = {"redis", "face-detector", "torchserve", "tensorflow", "gateway", "worker"}


def test_up_prints_the_faces_of_the_sample_photo_from_both_frameworks(system: System) -> None:
    """Who starts Mien for the first time sees that it works."""
    for name in ("fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow"):
        assert name in system.first_output
    assert "torchserve" in system.first_output
    assert system.settings.rest_url in system.first_output


def test_up_again_is_quick_and_says_that_it_runs(system: System) -> None:
    """A second `make up` changes nothing."""
    before = {state.name: state.pid for state in system.supervisor.states()}
    begin = time.monotonic()
    done = system.command("up")
    assert done.returncode == 0, done.stderr
    assert "Already running" in done.stdout
    assert time.monotonic() - begin < 20
    assert {state.name: state.pid for state in system.supervisor.states()} == before


def test_status_shows_every_process(system: System) -> None:
    """Each part has its row, and runs."""
    done = system.command("status")
    assert done.returncode == 0
    for name in PROCESSES:
        row = next(line for line in done.stdout.splitlines() if name in line)
        assert "RUNNING" in row


def test_logs_shows_one_process_when_asked(system: System) -> None:
    """`make logs NAME=redis` shows Redis' lines and no other's."""
    done = system.command("logs", "redis")
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if " | " in line]
    assert lines
    assert all(line.strip().startswith("redis |") for line in lines)


def test_a_port_in_use_is_said_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """The sentence names the port and the remedy; no process stays."""
    environment = stack_environment(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = run_stack(environment | {"MIEN_STACK_GRPC_PORT": str(port)}, "up")
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert run_stack(environment, "status").returncode == 1


def test_a_part_that_cannot_start_ends_all_of_them(tmp_path: Path) -> None:
    """A broken part is named with the end of its log, and everything is stopped again."""
    environment = stack_environment(tmp_path) | {"MIEN_GATEWAY_CACHE_TTL_SECONDS": "soon"}
    done = run_stack(environment, "up")
    assert done.returncode == 1
    assert "gateway" in done.stderr
    assert "cache_ttl_seconds" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert run_stack(environment, "status").returncode == 1


def test_down_when_nothing_runs_is_no_error(tmp_path: Path) -> None:
    """`make down` can always be said."""
    done = run_stack(stack_environment(tmp_path), "down")
    assert done.returncode == 0
    assert "Nothing was running" in done.stdout


@pytest.mark.parametrize("command", ["up", "down"])
def test_another_up_at_the_same_time_is_left_alone(tmp_path: Path, command: str) -> None:
    """Two at once would stop each other's processes."""
    environment = stack_environment(tmp_path)
    with (tmp_path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_stack(environment, command)
    assert done.returncode == 1
    assert "another `make up` or `make down` is at work" in done.stderr


def test_an_interrupted_up_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGTERM in the middle of the start stops what was started."""
    environment = stack_environment(tmp_path)
    command = [sys.executable, "-m", "mien_stack", "up"]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Starting"):
                break
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 143
    assert run_stack(environment, "status").returncode == 1
    assert [one for one in psutil.process_iter() if owner_of(one) == str(tmp_path)] == []


def owner_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except psutil.Error:
        return None
