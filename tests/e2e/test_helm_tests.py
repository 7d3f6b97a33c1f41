"""What `helm test` runs in a cluster, run against a whole system here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mien_gateway.make_key import main as make_key
from tests.chaos.gateways import environment_of, own_gateway
from tests.running_system import ROOT, System

pytestmark = pytest.mark.e2e

SCRIPTS = ROOT / "k8s" / "helm" / "mien" / "files" / "tests"


def run(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script as its pod does: the text, not the file."""
    text = (SCRIPTS / name).read_text(encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", text],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_gateway_is_healthy(system: System) -> None:
    """Alive and ready, and the parts are told."""
    done = run("health.py", GATEWAY_URL=system.settings.rest_url)
    assert done.returncode == 0, done.stderr
    assert "/healthz: 200" in done.stdout
    assert "/readyz: 200" in done.stdout


def test_a_grey_picture_is_analysed(system: System) -> None:
    """By every part that an analysis without a face needs."""
    done = run("analysis.py", GATEWAY_URL=system.settings.rest_url)
    assert done.returncode == 0, done.stderr
    assert "'faces': []" in done.stdout


def test_gateway_and_detector_say_over_grpc_that_they_serve(system: System) -> None:
    """Both are asked."""
    targets = [
        f"127.0.0.1:{port}" for port in (system.settings.grpc_port, system.settings.detector_port)
    ]
    done = run("grpc_health.py", GRPC_TARGETS=",".join(targets))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("SERVING") == len(targets)


async def test_with_keys_the_door_is_shut_or_the_key_opens_it(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a key of its own the test is content with a shut door."""
    make_key(["tester"])
    told = capsys.readouterr().out.split("\n")
    key, line = told[2].strip(), told[6].strip()
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{line}\n", encoding="utf-8")
    environment = environment_of(system) | {"MIEN_GATEWAY_API_KEYS_FILE": str(keys)}
    async with own_gateway(environment) as gateway:
        shut = run("analysis.py", GATEWAY_URL=gateway.address)
        opened = run("analysis.py", GATEWAY_URL=gateway.address, API_KEY=key)
        wrong = run("analysis.py", GATEWAY_URL=gateway.address, API_KEY="mien_wrong")
    assert shut.returncode == 0, shut.stderr
    assert "shut" in shut.stdout
    assert opened.returncode == 0, opened.stderr
    assert "'faces': []" in opened.stdout
    assert wrong.returncode != 0
    assert "401" in wrong.stderr


def test_a_gateway_that_is_away_fails_every_test() -> None:
    """Nothing listens on port 9: no script takes that for health."""
    for name in ("health.py", "analysis.py", "grpc_health.py"):
        done = run(name, GATEWAY_URL="http://127.0.0.1:9", GRPC_TARGETS="127.0.0.1:9")
        assert done.returncode != 0, name
