"""What containers' health checks say of a real system, and of one that is not there."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.running_system import System, free_ports

pytestmark = pytest.mark.e2e

# Docker starts one every few seconds beside what is served.
QUICK_SECONDS = 2.0


def check(module: str, *arguments: str, **environment: object) -> subprocess.CompletedProcess[str]:
    """Run a health check as a container would."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | {name: str(value) for name, value in environment.items()},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def healthy(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether it said yes, and nothing else."""
    assert (done.returncode == 0) == (not done.stderr), done
    return done.returncode == 0


def test_every_part_of_a_running_system_is_healthy(system: System) -> None:
    """Each is asked as its image asks it."""
    settings = system.settings
    torchserve = {
        "MIEN_TORCHSERVE_REST_PORT": settings.torchserve_rest_port,
        "MIEN_TORCHSERVE_RUN_DIR": settings.run_dir / "torchserve",
    }
    begin = time.monotonic()
    address = f"0.0.0.0:{settings.detector_port}"
    assert healthy(check("mien_gateway.health", MIEN_GATEWAY_REST_PORT=settings.rest_port))
    assert healthy(check("mien_detector.health", MIEN_DETECTOR_ADDRESS=address))
    assert healthy(check("mien_torch_serving.health", **torchserve))
    assert healthy(check("mien_tf_serving.health", str(settings.tensorflow_port)))
    assert healthy(check("mien_gateway.worker.alive"))
    assert time.monotonic() - begin < 5 * QUICK_SECONDS


@pytest.mark.parametrize(
    ("module", "variable", "value"),
    [
        ("mien_gateway.health", "MIEN_GATEWAY_REST_PORT", "{port}"),
        ("mien_detector.health", "MIEN_DETECTOR_ADDRESS", "0.0.0.0:{port}"),
        ("mien_torch_serving.health", "MIEN_TORCHSERVE_REST_PORT", "{port}"),
    ],
)
def test_a_part_that_is_not_there_is_not_healthy(
    tmp_path: Path, module: str, variable: str, value: str
) -> None:
    """And the check says so."""
    port = free_ports(["port"])["port"]
    (tmp_path / "config.properties").write_text("load_models=some-model.mar\n", encoding="ascii")
    environment = {variable: value.format(port=port), "MIEN_TORCHSERVE_RUN_DIR": tmp_path}
    done = check(module, **environment)
    assert not healthy(done)
    assert done.stderr.startswith("mien-")


def test_a_tensorflow_server_that_is_not_there_is_not_healthy() -> None:
    """Its port is an argument, as that of the server is."""
    assert not healthy(check("mien_tf_serving.health", str(free_ports(["port"])["port"])))


def test_a_worker_without_a_sign_of_life_is_not_healthy(tmp_path: Path) -> None:
    """Neither one that never gave any, nor one whose last is long ago."""
    assert not healthy(check("mien_gateway.worker.alive", TMPDIR=tmp_path))
    sign = tmp_path / f"mien-worker-alive-{os.getuid()}"
    sign.touch()
    assert healthy(check("mien_gateway.worker.alive", TMPDIR=tmp_path))
    os.utime(sign, (0, 0))
    assert not healthy(check("mien_gateway.worker.alive", TMPDIR=tmp_path))
