"""Results as a run leaves them, without a run."""

import pytest

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW, Pair
from mien_bench.compare.plan import INSIDE, Plan, Way
from mien_bench.compare.rows import (
    COLD_START,
    EMBEDDED,
    FIRST_CALL,
    LOAD,
    MEMORY_FRESH,
    MEMORY_LOADED,
    MODEL_SIZE,
    UNPACKED_SIZE,
    WEIGHTS_SIZE,
    Fact,
    Results,
    Round,
)
from mien_models.registry import load_registry
from mien_stack.settings import StackSettings

# Milliseconds for one face by PyTorch; TensorFlow takes half as long again.
_MS = {
    Way.GATEWAY: 10.0,
    Way.SERVER: 4.0,
    Way.GRAPH: 2.0,
    Way.CALL: 20.0,
    Way.ON_BATCH: 18.0,
    Way.PREDICT: 22.0,
}
SLOWER = 1.5
ROUNDS = 5


@pytest.fixture(scope="session")
def pair() -> Pair:
    """The registry's first."""
    return Pair(load_registry(StackSettings().registry).models[0])


@pytest.fixture
def plan(pair: Pair) -> Plan:
    """Five rounds of one pair."""
    return Plan(pairs=(pair,), rounds=ROUNDS, seconds=0.7)


@pytest.fixture
def results(plan: Plan) -> Results:
    """What that plan would leave, with figures that are easy to follow."""
    found = Results(
        {
            "command": "make it",
            "date": "today",
            "machine": {"processor": "one", "logical cores": "2"},
            "rounds": ROUNDS,
            "TensorFlow server": EMBEDDED,
        }
    )
    for number in range(1, ROUNDS + 1):
        for cell in plan.cells():
            for framework, factor in ((PYTORCH, 1.0), (TENSORFLOW, SLOWER)):
                ms = _MS[cell.way] * factor * cell.clients * (0.99 + 0.01 * number)
                found.rounds.append(
                    Round(
                        pair=cell.pair,
                        framework=framework,
                        way=cell.way,
                        clients=cell.clients,
                        batch=cell.batch,
                        round=number,
                        p50_ms=ms,
                        p95_ms=2 * ms,
                        p99_ms=3 * ms,
                        rate=1000 * cell.clients / ms,
                        answers=100,
                        failures=0,
                        cpu_ms_per_face=ms / cell.clients,
                    )
                )
    for framework in (PYTORCH, TENSORFLOW):
        for number in range(1, ROUNDS + 1):
            found.facts += [
                Fact("", framework, COLD_START, number, 3.0 + number, "s"),
                Fact("", framework, MEMORY_FRESH, number, 400.0, "MiB"),
                Fact("", framework, MEMORY_LOADED, number, 450.0, "MiB"),
            ]
            for way in INSIDE:
                name = plan.pairs[0].name
                found.facts += [
                    Fact(name, framework, f"{LOAD} {way}", number, 0.5, "s"),
                    Fact(name, framework, f"{FIRST_CALL} {way}", number, 300.0, "ms"),
                ]
        found.facts += [
            Fact(plan.pairs[0].name, framework, what, 0, 2.0, "MB")
            for what in (MODEL_SIZE, UNPACKED_SIZE, WEIGHTS_SIZE)
        ]
    return found
