"""The whole system, started as `make up` starts it, beside any that already runs."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mien_stack.settings import StackSettings
from mien_stack.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[1]
YUNET_DIR = ROOT.parent / "shared" / "models"


@dataclass(frozen=True)
class System:
    """A running system, its settings, and how its command line is called."""

    settings: StackSettings
    environment: dict[str, str]
    first_output: str

    def command(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `mien-stack` for this system."""
        return run_stack(self.environment, *arguments, timeout=timeout)

    @property
    def supervisor(self) -> Supervisor:
        """Questions to its supervisor."""
        return Supervisor(self.settings.run_dir)


def run_stack(
    environment: dict[str, str], *arguments: str, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run `mien-stack` with these settings."""
    return subprocess.run(
        [sys.executable, "-m", "mien_stack", *arguments],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def free_ports(names: list[str]) -> dict[str, int]:
    """Ports that nobody listens on now, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: held.getsockname()[1] for name, held in zip(names, sockets, strict=True)}


def stack_environment(run_dir: Path) -> dict[str, str]:
    """Settings of a system that is out of everybody's way."""
    ports = free_ports(list(StackSettings().ports()))
    environment = {f"MIEN_STACK_{name.upper()}": str(port) for name, port in ports.items()}
    environment["MIEN_STACK_RUN_DIR"] = str(run_dir)
    environment["COLUMNS"] = "160"
    # A machine that is busy with tests may stall longer than callers should wait for a cache.
    environment["MIEN_GATEWAY_REDIS_TIMEOUT_SECONDS"] = "0.5"
    if YUNET_DIR.is_dir():
        environment["MIEN_DETECTOR_MODEL_DIR"] = str(YUNET_DIR)
    return environment
