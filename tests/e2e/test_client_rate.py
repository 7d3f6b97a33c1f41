"""The clients at a gateway that has a rate: they wait as long as they are told, and no longer."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mien_client import BusyError
from tests.fakes.clients import KINDS, opened
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@dataclass(frozen=True)
class Gateway:
    """Where the strict gateway is."""

    rest: str
    grpc: str


@pytest.fixture(scope="module")
def gateway(system: System) -> Iterator[Gateway]:
    """Another gateway before the same parts; it lets each caller in three times a second."""
    settings = system.settings
    environment = os.environ | {
        "MIEN_GATEWAY_REST_PORT": "0",
        "MIEN_GATEWAY_GRPC_PORT": "0",
        "MIEN_GATEWAY_DETECTOR_TARGET": f"127.0.0.1:{settings.detector_port}",
        "MIEN_GATEWAY_TORCHSERVE_TARGET": f"127.0.0.1:{settings.torchserve_port}",
        "MIEN_GATEWAY_TORCHSERVE_REST_URL": f"http://127.0.0.1:{settings.torchserve_rest_port}",
        "MIEN_GATEWAY_TENSORFLOW_TARGET": f"127.0.0.1:{settings.tensorflow_port}",
        "MIEN_GATEWAY_REDIS_URL": "",
        "MIEN_GATEWAY_RATE_LIMIT": "3/second",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mien_gateway"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    entries = map(json.loads, process.stderr)
    listening = next(entry for entry in entries if entry["event"] == "listening")
    yield Gateway(f"http://{listening['rest']}", f"grpc://{listening['grpc']}")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_rate_is_waited_out(gateway: Gateway, photo: bytes, kind: str) -> None:
    """Ten analyses in a row succeed, though the gateway lets three of them in a second."""
    with opened(kind, gateway.rest, gateway.grpc, timeout=20.0, retries=5) as client:
        client.analyze(photo)
        begun = time.monotonic()
        for _ in range(10):
            assert len(client.analyze(photo).faces) == 1
        assert 2 <= time.monotonic() - begun < 20


@pytest.mark.parametrize("kind", KINDS)
def test_who_does_not_wait_is_told_how_long(gateway: Gateway, kind: str) -> None:
    """Not longer than the rate's window."""
    with opened(kind, gateway.rest, gateway.grpc, retries=0) as client:
        with pytest.raises(BusyError) as caught:
            [client.models() for _ in range(50)]
        assert caught.value.code == "rate_limited"
        assert caught.value.retry_after_seconds is not None
        assert 0 <= caught.value.retry_after_seconds <= 1
