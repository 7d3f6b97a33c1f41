"""Programs that are started, frozen while others are measured, and stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psutil

from mien_bench.errors import BenchError
from mien_bench.rivals.programs import Program

_START_SECONDS = 120
_STOP_SECONDS = 10
_POLL_SECONDS = 0.2
_LOG_LINES = 12


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        port: int = held.getsockname()[1]
        return port


@contextmanager
def started(program: Program, log: Path) -> Iterator[int]:
    """Start the program and give its process id; with its children it is stopped at the end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            program.argv,
            env=os.environ | program.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the benchmark, which then stops it in good order.
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        _stop(process)


def wait_until_ready(program: Program, port: int, pid: int, log: Path) -> float:
    """Return after how many seconds the program said that it is ready.

    Raises:
        BenchError: it ended, or is not ready in time; the end of its log says why.
    """
    begin = time.monotonic()
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}{program.ready}", timeout=2).is_success:
                return time.monotonic() - begin
        except httpx.HTTPError:
            pass
        gone = psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        if gone or time.monotonic() - begin > _START_SECONDS:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
            message = f"{program.name} does not start; the end of {log}:\n{tail}"
            raise BenchError(message)
        time.sleep(_POLL_SECONDS)


@contextmanager
def awake(pids: Iterable[int]) -> Iterator[None]:
    """Let frozen trees of processes run for as long as the context lasts."""
    roots = list(pids)
    thaw(roots)
    try:
        yield
    finally:
        freeze(roots)


def freeze(pids: Iterable[int]) -> None:
    """Take the processor from trees of processes; their memory stays."""
    _signal_all(pids, signal.SIGSTOP)


def thaw(pids: Iterable[int]) -> None:
    """Let them run again."""
    _signal_all(pids, signal.SIGCONT)


def _signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for process in tree(pids):
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def tree(pids: Iterable[int]) -> list[psutil.Process]:
    """Return these processes, those that still run, with all their children."""
    found = []
    for pid in pids:
        try:
            root = psutil.Process(pid)
            found += [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    members = tree([process.pid])
    thaw([process.pid])
    # As by Ctrl-C: LitServe leaves its workers behind on SIGTERM.
    process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(members, timeout=_STOP_SECONDS)
    for one in alive:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=_STOP_SECONDS)
    process.wait()
