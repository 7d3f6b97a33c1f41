"""How long each part takes from nothing to ready, alone on the machine."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import httpx
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub
from redis import Redis
from redis.exceptions import RedisError

from mien_capacity.measure.load import MeasuringError
from mien_models.registry import Framework, load_registry
from mien_stack.processes import processes
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Process

TIMEOUT_SECONDS = 120
_POLL_SECONDS = 0.05
_MEASURED = ("redis", "face-detector", "torchserve", "tensorflow", "gateway")


def start_seconds(settings: StackSettings) -> dict[str, float]:
    """Start each part by itself and wait until it answers as its readiness probe asks."""
    return {
        process.name: _seconds(process, _probe(process.name, settings), settings)
        for process in processes(settings)
        if process.name in _MEASURED
    }


def _seconds(process: Process, is_ready: Callable[[], bool], settings: StackSettings) -> float:
    began = time.monotonic()
    with started(process, settings) as running:
        while not is_ready():
            if running.poll() is not None or time.monotonic() - began > TIMEOUT_SECONDS:
                message = f"{process.name} does not start: see {settings.run_dir}"
                raise MeasuringError(message)
            time.sleep(_POLL_SECONDS)
        return time.monotonic() - began


@contextmanager
def started(process: Process, settings: StackSettings) -> Iterator[subprocess.Popen[bytes]]:
    """Run one part alone for a while."""
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    with (settings.run_dir / f"{process.name}-alone.log").open("ab") as log:
        running = subprocess.Popen(  # noqa: S603 - our own command line
            process.argv,
            env=os.environ | process.environment,
            cwd=settings.run_dir,
            stdout=log,
            stderr=log,
        )
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(timeout=process.stop_seconds + 10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _probe(name: str, settings: StackSettings) -> Callable[[], bool]:
    """Return what asks a part whether it is ready."""
    match name:
        case "redis":
            return lambda: _answers_ping(settings.redis_port)
        case "face-detector":
            return lambda: serves(f"127.0.0.1:{settings.detector_port}")
        case "torchserve":
            return lambda: _says(settings.torchserve_rest_port, "/ping", "Healthy")
        case "tensorflow":
            registry = load_registry(settings.registry)
            paths = [
                f"/v1/models/{model.name}"
                for model in registry.served()
                if model.framework is Framework.TENSORFLOW
            ]
            return lambda: all(
                _says(settings.tensorflow_rest_port, path, "AVAILABLE") for path in paths
            )
        case _:
            return lambda: _says(settings.rest_port, "/healthz", "")


def serves(target: str) -> bool:
    """Ask `grpc.health.v1`."""
    with grpc.insecure_channel(target) as channel:
        try:
            answer = HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _answers_ping(port: int) -> bool:
    with Redis(host="127.0.0.1", port=port) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False


def _says(port: int, path: str, word: str) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=1)
    except httpx.HTTPError:
        return False
    return answer.is_success and word in answer.text
