"""Runs the command `mien` as a person would, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence

MIEN = (sys.executable, "-m", "mien_client.command")
_OURS = ("MIEN_URL", "MIEN_API_KEY", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")


def environment(**variables: str) -> dict[str, str]:
    """Return the tests' environment without what would change the output."""
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return kept | variables


def start(
    *arguments: str, stdin: int | None = subprocess.DEVNULL, **variables: str
) -> subprocess.Popen[bytes]:
    """Start the command; the variables are added to its environment."""
    return subprocess.Popen(
        [*MIEN, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**variables),
    )


def run(
    *arguments: str, command: Sequence[str] = MIEN, given: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end with something on its standard input."""
    done = subprocess.run(
        [*command, *arguments],
        input=given,
        capture_output=True,
        env=environment(**variables),
        check=False,
        timeout=100,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
