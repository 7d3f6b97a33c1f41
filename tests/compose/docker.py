"""Docker Compose as a test uses it: one project of its own, and what can be asked of it."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.running_system import ROOT

# The binary itself: the package's script of that name ends with 0 whatever happened.
COMPOSE = Path(find_spec("compose").origin or "").with_name("docker-compose")  # type: ignore[union-attr] # it is installed
BUILD_SECONDS = 1800
WAIT_SECONDS = 300


def docker(*arguments: str, timeout: float = 120) -> str:
    """What a docker command prints; raises where it fails."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=False, timeout=timeout
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


def absent() -> str:
    """Why Docker cannot be used here, or nothing."""
    if shutil.which("docker") is None:
        return "Docker is not installed"
    done = subprocess.run(
        ["docker", "info"], capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode == 0 else "no Docker daemon answers here"


def inspect(container: str) -> dict[str, Any]:
    """All that Docker knows of a container."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", container))
    return found[0]


@dataclass
class Project:
    """The system under a name and on ports of its own."""

    name: str
    rest_ports: Sequence[int]
    grpc_ports: Sequence[int]
    files: tuple[str, ...] = ("docker-compose.yml", "compose.embedded.yml")
    environment: Mapping[str, str] = field(default_factory=dict)

    def compose(self, *arguments: str, timeout: float = WAIT_SECONDS) -> str:
        """Run a command of Compose; raises where it fails."""
        files = [word for name in self.files for word in ("-f", name)]
        done = subprocess.run(
            [str(COMPOSE), "-p", self.name, *files, *arguments],
            cwd=ROOT,
            env={**os.environ, **self._ports(), **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}\n{self._said()}"
        return done.stdout.strip()

    def up(self, *arguments: str) -> None:
        """Start what is missing, change what differs, and wait until all is healthy."""
        self.compose("up", "--detach", "--wait", "--no-build", *arguments)

    def containers(self, service: str = "") -> list[str]:
        """Ids of the containers that run, of one service or of all."""
        return self.compose("ps", "-q", *([service] if service else [])).split()

    def address(self, container: str) -> str:
        """Where a gateway answers REST."""
        published: dict[str, str] = inspect(container)["NetworkSettings"]["Ports"]["8000/tcp"][0]
        return f"http://{published['HostIp']}:{published['HostPort']}"

    def left(self) -> list[str]:
        """Whatever exists of the project."""
        label = f"label=com.docker.compose.project={self.name}"
        return [
            *docker("ps", "-aq", "--filter", label).split(),
            *docker("network", "ls", "-q", "--filter", label).split(),
            *docker("volume", "ls", "-q", "--filter", label).split(),
        ]

    def _ports(self) -> dict[str, str]:
        return {
            "MIEN_REST_PORT": f"{self.rest_ports[0]}-{self.rest_ports[-1]}",
            "MIEN_GRPC_PORT": f"{self.grpc_ports[0]}-{self.grpc_ports[-1]}",
        }

    def _said(self) -> str:
        """The last words of every container."""
        label = f"label=com.docker.compose.project={self.name}"
        logs = []
        for container in docker("ps", "-aq", "--filter", label).split():
            done = subprocess.run(
                ["docker", "logs", "--tail", "10", container],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=60,
            )
            logs.append(f"{inspect(container)['Name']}:\n{done.stdout}")
        return "\n".join(logs)
