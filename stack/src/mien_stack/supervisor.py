"""Keeps the processes: supervisord, its configuration, and questions to it."""

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy, Transport

import psutil

from mien_stack.errors import SupervisorError, SupervisorStalledError

START_SECONDS = 15
STOP_SECONDS = 60
ANSWER_SECONDS = 10.0
LEFTOVER_SECONDS = 10
MARK = "MIEN_STACK_OWNER"
"""Environment variable by which processes of one run folder are known."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """One part of the system as an operating-system process."""

    name: str
    argv: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    stop_seconds: int = 20


@dataclass(frozen=True, kw_only=True)
class ProcessState:
    """What the supervisor says of a process."""

    name: str
    state: str
    """STARTING, RUNNING, BACKOFF, STOPPING, STOPPED, EXITED, FATAL or UNKNOWN."""
    pid: int
    """0 when it does not run."""
    uptime_seconds: float


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("supervisor", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(Transport):
    """supervisor's own one has no timeout."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__()
        self._unix = _UnixConnection(path, seconds)

    def make_connection(self, host: Any) -> HTTPConnection:
        del host
        return self._unix

    def close(self) -> None:
        self._unix.close()


class Supervisor:
    """One supervisord per run folder."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir.resolve()
        self.logs = self.run_dir / "logs"
        self._config = self.run_dir / "supervisord.conf"
        self._replacing = self.run_dir / "replacing"
        # Not in the run folder: the path of a socket must be shorter than 108 characters.
        name = hashlib.sha256(str(self.run_dir).encode()).hexdigest()[:16]
        self._socket = Path(tempfile.gettempdir()) / f"mien-{name}.sock"

    def is_running(self) -> bool:
        """Whether there is a supervisor for this run folder, even one that does not answer."""
        try:
            self._ask("getState")
        except SupervisorStalledError:
            return True
        except (OSError, SupervisorError):
            return False
        return True

    def runs_exactly(self, processes: Sequence[Process]) -> bool:
        """Whether the configuration on disk is the one of these processes, and in effect."""
        if self._replacing.exists() or not self._config.exists():
            return False
        return self._config.read_text() == self._render(processes)

    def differing(self, processes: Sequence[Process]) -> list[str]:
        """The names of those among these processes that the configuration on disk has not so."""
        known = self._config.read_text()
        return [
            process.name
            for place, process in enumerate(processes)
            if self._render_one(process, place) not in known
        ]

    def replace(self, processes: Sequence[Process], names: Sequence[str]) -> None:
        """Stop these and start them as they are now, while the others go on."""
        # Until all of it is done, the configuration on disk is not what runs.
        self._replacing.touch()
        self._config.write_text(self._render(processes))
        self._ask("reloadConfig")
        for name in names:
            self._ask("stopProcessGroup", name, seconds=STOP_SECONDS)
            self._ask("removeProcessGroup", name)
            self._ask("addProcessGroup", name)
        self._replacing.unlink()

    def start(self, processes: Sequence[Process]) -> None:
        """Start supervisord in the background; it starts the processes.

        They are stopped in the opposite order, each before the next: list those that call after
        those that are called.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        # The cache key is in it: nobody else may read it, not even while it is written.
        self._config.unlink(missing_ok=True)
        self._config.touch(mode=0o600)
        self._config.write_text(self._render(processes))
        self._replacing.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._config)]
        done = subprocess.run(  # noqa: S603 - our own command line
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=os.environ | {MARK: str(self.run_dir)},
        )
        if done.returncode != 0:
            message = f"supervisord does not start: {done.stderr.strip() or done.stdout.strip()}"
            raise SupervisorError(message)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if time.monotonic() > deadline:
                message = f"supervisord does not answer, see {self.run_dir / 'supervisord.log'}"
                raise SupervisorError(message)
            time.sleep(0.05)

    def states(self) -> list[ProcessState]:
        """Every process and how it is."""
        return [
            ProcessState(
                name=info["name"],
                state=info["statename"],
                pid=info["pid"],
                uptime_seconds=info["now"] - info["start"] if info["pid"] else 0,
            )
            for info in self._ask("getAllProcessInfo")
        ]

    def start_stopped(self) -> list[str]:
        """Start what does not run; returns the names."""
        stopped = [
            state.name
            for state in self.states()
            if state.state in {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}
        ]
        for name in stopped:
            self._ask("startProcess", name, False)
        return stopped

    def stop(self) -> None:
        """Stop every process, then the supervisor, then whatever they left behind."""
        if self.is_running():
            # One that does not answer is itself among the leftovers.
            with suppress(SupervisorStalledError):
                self._shut_down()
        self._end_leftovers()
        self._socket.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        pid = self._ask("getPID")
        self._ask("shutdown")
        try:
            psutil.Process(pid).wait(timeout=STOP_SECONDS)
        except psutil.NoSuchProcess:
            pass
        except psutil.TimeoutExpired:
            psutil.Process(pid).kill()

    def log_of(self, name: str) -> Path:
        """The file that a process' output goes to."""
        return self.logs / f"{name}.log"

    def _end_leftovers(self) -> None:
        """End orphans: those of a supervisor that was killed, or one that is just starting."""
        # Again, as long as there are any: one may have had a child in the meantime.
        while orphans := [process for process in psutil.process_iter() if self._is_ours(process)]:
            for process in orphans:
                with suppress(psutil.NoSuchProcess):
                    process.terminate()
            for process in psutil.wait_procs(orphans, timeout=LEFTOVER_SECONDS)[1]:
                process.kill()

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            owned = process.environ().get(MARK) == str(self.run_dir)
            return owned and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            return False

    def _ask(self, method: str, *arguments: object, seconds: float | None = None) -> Any:
        transport = _UnixTransport(self._socket, seconds or ANSWER_SECONDS)
        try:
            proxy = ServerProxy("http://supervisor", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        except TimeoutError as error:
            message = "supervisord does not answer: `make down` ends it, with all that it runs"
            raise SupervisorStalledError(message) from error
        except Fault as fault:
            message = f"supervisord refused {method}: {fault.faultString}"
            raise SupervisorError(message) from fault
        finally:
            transport.close()

    def _render(self, processes: Sequence[Process]) -> str:
        sections = [
            f"""[unix_http_server]
file={_text(self._socket)}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile={_text(self.run_dir / "supervisord.log")}
logfile_maxbytes=1MB
logfile_backups=1
pidfile={_text(self.run_dir / "supervisord.pid")}
childlogdir={_text(self.logs)}
"""
        ]
        sections += [self._render_one(process, place) for place, process in enumerate(processes)]
        return "\n".join(sections)

    def _render_one(self, process: Process, place: int) -> str:
        environment = process.environment | {MARK: str(self.run_dir)}
        # supervisord knows no escape inside these quotes, and no value of ours has a quote.
        pairs = ",".join(f'{key}="{_text(value)}"' for key, value in environment.items())
        return f"""[program:{process.name}]
command={" ".join(_quoted(word) for word in process.argv)}
environment={pairs}
directory={_text(self.run_dir)}
priority={place}
autorestart=true
startsecs=1
startretries=20
stopwaitsecs={process.stop_seconds}
killasgroup=true
stopasgroup=false
redirect_stderr=true
stdout_logfile={_text(self.log_of(process.name))}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


def _text(value: object) -> str:
    """Escape what supervisord would expand."""
    return str(value).replace("%", "%%")


def _quoted(value: str) -> str:
    return '"' + _text(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
