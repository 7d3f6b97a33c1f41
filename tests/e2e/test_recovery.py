"""Any one process is killed: meanwhile 503 or the cache, and back by itself within 20 s."""

import os
import signal
import time
from collections.abc import Callable

import httpx
import pytest

from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
BACK_SECONDS = 20
TWINS = ("fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow")
PROCESSES = ("redis", "face-detector", "torchserve", "tensorflow", "gateway")


def pid_of(system: System, name: str) -> int:
    return next(state.pid for state in system.supervisor.states() if state.name == name)


def answers(client: httpx.Client, photo: bytes, model: str) -> httpx.Response | None:
    """One uncached analysis, or None while the gateway itself is away."""
    try:
        return client.post(
            "/v1/analyze",
            params={"model": model},
            content=photo,
            headers={"Cache-Control": "no-store"},
        )
    except httpx.TransportError:
        return None


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BACK_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not back within {BACK_SECONDS} s"
        time.sleep(0.1)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_is_back_and_meanwhile_nothing_is_wrong(
    system: System, client: httpx.Client, photo: bytes, name: str
) -> None:
    """While a part is away callers get its answer, or a 503 that says why; soon all is well."""
    killed = pid_of(system, name)
    os.kill(killed, signal.SIGKILL)
    seen: list[httpx.Response] = []

    def all_models_answer() -> bool:
        found = [answers(client, photo, model) for model in TWINS]
        seen.extend(answer for answer in found if answer is not None)
        return all(answer is not None and answer.is_success for answer in found)

    # The kill is noticed only when the process id is another one.
    wait_until(lambda: pid_of(system, name) not in {0, killed} and all_models_answer())
    for answer in seen:
        assert answer.status_code in {200, 503}, answer.text
        if answer.status_code == 503:
            problem = answer.json()
            assert problem["code"].endswith("_unavailable")
            assert problem["detail"]
            assert int(answer.headers["Retry-After"]) >= 1


def test_a_cached_answer_comes_while_the_model_server_is_away(
    system: System, client: httpx.Client, photo: bytes
) -> None:
    """What was computed before a part died is still answered while it is dead."""
    picture = photo + b"cached"
    params = {"model": TWINS[0]}
    client.post("/v1/analyze", params=params, content=picture).raise_for_status()
    for name in ("torchserve", "face-detector"):
        os.kill(pid_of(system, name), signal.SIGKILL)
        answer = client.post("/v1/analyze", params=params, content=picture).raise_for_status()
        assert answer.json()["cache"] == "hit"
    wait_until(
        lambda: (answer := answers(client, photo, TWINS[0])) is not None and answer.is_success
    )
