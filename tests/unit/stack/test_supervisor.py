import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from mien_stack.errors import SupervisorError
from mien_stack.redis_server import redis_command
from mien_stack.supervisor import Process, ProcessState, Supervisor

SLEEPER = Process(
    name="sleeper",
    argv=[sys.executable, "-c", "import time; print('100% awake', flush=True); time.sleep(600)"],
    environment={"PERCENT": "50% of it, all"},
)

SLOW_TO_STOP = """
import signal, sys, time

def stop(*_):
    time.sleep(0.5)
    print(time.time())
    sys.exit()

signal.signal(signal.SIGTERM, stop)
time.sleep(600)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "run")
    yield supervisor
    supervisor.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def state(supervisor: Supervisor) -> ProcessState:
    (only,) = supervisor.states()
    return only


def runs(supervisor: Supervisor) -> bool:
    return state(supervisor).state == "RUNNING"


def test_a_killed_process_comes_back(supervisor: Supervisor) -> None:
    """Whatever dies is started again, under a new process id."""
    supervisor.start([SLEEPER])
    wait_until(lambda: runs(supervisor))
    first = state(supervisor).pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: state(supervisor).pid not in {0, first} and runs(supervisor))


def test_callers_are_stopped_before_those_they_call(supervisor: Supervisor, tmp_path: Path) -> None:
    """Whoever still finishes a request finds the parts that it needs."""
    program = tmp_path / "slow_to_stop.py"
    program.write_text(SLOW_TO_STOP, encoding="utf-8")
    # By name they would be stopped the other way round.
    names = ["zz-called", "aa-caller"]
    supervisor.start([Process(name=name, argv=[sys.executable, str(program)]) for name in names])
    wait_until(lambda: all(one.state == "RUNNING" for one in supervisor.states()))
    supervisor.stop()
    called, caller = (float(supervisor.log_of(name).read_text()) for name in names)
    assert caller + 0.4 < called


def test_stop_leaves_nothing_behind(supervisor: Supervisor) -> None:
    """After stop neither the supervisor nor its process is there, and stop again is harmless."""
    supervisor.start([SLEEPER])
    wait_until(lambda: runs(supervisor))
    pid = state(supervisor).pid
    supervisor.stop()
    assert not supervisor.is_running()
    assert not psutil.pid_exists(pid)
    supervisor.stop()


@pytest.mark.parametrize("kind", ["sleeper", "redis"])
def test_stop_ends_the_orphans_of_a_killed_supervisor(supervisor: Supervisor, kind: str) -> None:
    """Should the supervisor itself be killed, stop still finds what it had started."""
    redis = Process(name="redis", argv=redis_command(free_port()))
    supervisor.start([redis if kind == "redis" else SLEEPER])
    wait_until(lambda: runs(supervisor))
    pid = state(supervisor).pid
    os.kill(int((supervisor.run_dir / "supervisord.pid").read_text()), signal.SIGKILL)
    wait_until(lambda: not supervisor.is_running())
    assert psutil.pid_exists(pid)
    supervisor.stop()
    assert not psutil.pid_exists(pid)


def test_output_goes_to_the_log_of_the_process(supervisor: Supervisor) -> None:
    """What a process prints is kept under its name, percent signs and all."""
    supervisor.start([SLEEPER])
    log = supervisor.log_of("sleeper")
    wait_until(lambda: log.exists() and "100% awake" in log.read_text())


def test_the_environment_reaches_the_process_unchanged(supervisor: Supervisor) -> None:
    """Spaces, commas and percent signs of a setting survive the configuration file."""
    supervisor.start([SLEEPER])
    wait_until(lambda: runs(supervisor))
    environment = psutil.Process(state(supervisor).pid).environ()
    assert environment["PERCENT"] == SLEEPER.environment["PERCENT"]


def test_other_settings_are_noticed(supervisor: Supervisor) -> None:
    """A running system that was started with other settings is not taken for the wanted one."""
    supervisor.start([SLEEPER])
    assert supervisor.runs_exactly([SLEEPER])
    other = Process(name="sleeper", argv=SLEEPER.argv, environment={"PERCENT": "60"})
    assert not supervisor.runs_exactly([other])


def test_one_process_is_replaced_while_the_others_go_on(supervisor: Supervisor) -> None:
    """Whoever changes the page does not wait for the model servers."""
    others = Process(name="others", argv=SLEEPER.argv)
    supervisor.start([others, SLEEPER])
    wait_until(lambda: all(one.state == "RUNNING" for one in supervisor.states()))
    before = {one.name: one.pid for one in supervisor.states()}
    changed = Process(name="sleeper", argv=SLEEPER.argv, environment={"PERCENT": "60"})
    assert supervisor.differing([others, SLEEPER]) == []
    assert supervisor.differing([others, changed]) == ["sleeper"]
    supervisor.replace([others, changed], ["sleeper"])
    wait_until(lambda: all(one.state == "RUNNING" for one in supervisor.states()))
    after = {one.name: one.pid for one in supervisor.states()}
    assert after["others"] == before["others"]
    assert psutil.Process(after["sleeper"]).environ()["PERCENT"] == "60"
    assert not psutil.pid_exists(before["sleeper"])
    assert supervisor.runs_exactly([others, changed])


def test_a_replacement_that_stops_half_way_is_no_success(supervisor: Supervisor) -> None:
    """Nobody takes the new configuration for what runs, until it does."""
    supervisor.start([SLEEPER])
    changed = Process(name="sleeper", argv=SLEEPER.argv, environment={"PERCENT": "60"})
    with pytest.raises(SupervisorError, match="BAD_NAME"):
        supervisor.replace([changed], ["sleeper", "unknown"])
    assert not supervisor.runs_exactly([changed])
    supervisor.stop()
    supervisor.start([changed])
    assert supervisor.runs_exactly([changed])


def test_nobody_else_ever_reads_the_configuration(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the cache key, from the first byte on; an older file is no exception."""
    modes = []
    write_text = Path.write_text

    def noting(path: Path, text: str) -> int:
        written = write_text(path, text)
        modes.append(stat.S_IMODE(path.stat().st_mode))
        return written

    supervisor.run_dir.mkdir()
    config = supervisor.run_dir / "supervisord.conf"
    config.touch(mode=0o644)
    monkeypatch.setattr(Path, "write_text", noting)
    supervisor.start([SLEEPER])
    assert modes == [0o600]


def test_a_supervisor_that_has_stalled_is_said_and_can_be_ended(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it for ever, and stop ends it with its processes."""
    supervisor.start([SLEEPER])
    wait_until(lambda: runs(supervisor))
    pids = [int((supervisor.run_dir / "supervisord.pid").read_text()), state(supervisor).pid]
    os.kill(pids[0], signal.SIGSTOP)
    monkeypatch.setattr("mien_stack.supervisor.ANSWER_SECONDS", 0.2)
    monkeypatch.setattr("mien_stack.supervisor.LEFTOVER_SECONDS", 0.2)
    assert supervisor.is_running()
    with pytest.raises(SupervisorError, match="does not answer: `make down` ends it"):
        supervisor.states()
    supervisor.stop()
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    assert not supervisor.is_running()
