"""Requests at a steady rate, and what they cost each part."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from mien_stack.usage import usage

# So long nothing is asked, to see what the parts use by themselves.
IDLE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds per request by part, without what they use anyway."""

    requests: int
    rate: float
    cpu_ms: Mapping[str, float]
    median_ms: float


class MeasuringError(Exception):
    """The system did not answer as it must for figures to mean anything."""


def idle(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds per second that each part uses while nobody asks."""
    before, began = usage(pids), time.monotonic()
    time.sleep(IDLE_SECONDS)
    elapsed = time.monotonic() - began
    return {name: used / elapsed for name, used in usage(pids).since(before).items()}


def cost(
    call: Callable[[bytes], float],
    bodies: Iterable[bytes],
    rate: float,
    pids: Mapping[str, int],
    idle_seconds: Mapping[str, float],
) -> Cost:
    """Call with each body, `rate` times a second, and see who used how much CPU."""
    ready = list(bodies)
    before, began = usage(pids), time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        waiting = []
        for index, body in enumerate(ready):
            time.sleep(max(0.0, began + index / rate - time.monotonic()))
            waiting.append(pool.submit(call, body))
        took = sorted(answer.result() for answer in waiting)
    elapsed = time.monotonic() - began
    used = usage(pids).since(before)
    per_request = {
        name: max(0.0, seconds - elapsed * idle_seconds[name]) * 1000 / len(ready)
        for name, seconds in used.items()
    }
    return Cost(len(ready), rate, per_request, took[len(took) // 2] * 1000)


class Analyze:
    """Posts pictures to the gateway and insists on the faces that are in them."""

    def __init__(self, rest_url: str, model: str, faces: int) -> None:
        self._client = httpx.Client(base_url=rest_url, timeout=30)
        self._model = model
        self._faces = faces
        self.answer_bytes = 0

    def __call__(self, body: bytes) -> float:
        """Return the seconds that one answer took."""
        began = time.monotonic()
        answer = self._client.post("/v1/analyze", params={"model": self._model}, content=body)
        took = time.monotonic() - began
        self.answer_bytes = len(answer.content)
        if answer.status_code != httpx.codes.OK:
            message = f"the gateway answered {answer.status_code}: {answer.text[:300]}"
            raise MeasuringError(message)
        if len(found := answer.json()["faces"]) != self._faces:
            message = f"{len(found)} faces were found instead of {self._faces}"
            raise MeasuringError(message)
        return took
