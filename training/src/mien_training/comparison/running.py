"""Running this package's programs one after the other, with what they cost."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mien_training.errors import RunError


@dataclass(frozen=True)
class Cost:
    """What a program took.

    Attributes:
        peak_bytes: largest resident memory of its process.
        cpu_seconds: processor time of all its threads.
    """

    peak_bytes: int
    cpu_seconds: float


def run_program(name: str, *options: str | Path) -> Cost:
    """Run ``mien_training.<name>`` to its end; what it says goes to this terminal.

    Raises:
        RunError: it failed; it has said why.
    """
    command = [sys.executable, "-m", f"mien_training.{name}", *map(str, options)]
    process = subprocess.Popen(command)  # noqa: S603 - our own command line
    try:
        # Of all ways to wait only this one tells what that very process has used.
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"mien_training.{name} ended with status {process.returncode}; it says why above"
        raise RunError(message)
    return Cost(usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)
