"""What is kept of a measurement: the rows of its CSV files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mien_bench.compare.plan import Cell, Way
from mien_bench.reports.csv_files import read_rows, write_rows
from mien_models.registry import Framework

ROUNDS, FACTS, CONDITIONS = "rounds.csv", "facts.csv", "conditions.yaml"
_FAILURES_KEPT = 20

OFFICIAL = "the official one"
EMBEDDED = "the embedded one (its calls, answered by TensorFlow in a Python process)"
"""Which TensorFlow server answered, as the conditions say it."""
SERVER_THREADS = "threads of the servers"
"""A condition that the text repeats."""

# What the facts are about; those in process are followed by the way.
COLD_START, MEMORY_FRESH = "start to first answer", "memory after start"
MEMORY_LOADED = "memory after load"
MODEL_SIZE, UNPACKED_SIZE, WEIGHTS_SIZE = "exported model", "unpacked model", "weights"
IMPORT, LOAD, FIRST_CALL = "import", "load", "first call"


@dataclass(frozen=True, slots=True)
class Round:
    """One twin in one cell, in one round."""

    pair: str
    framework: Framework
    way: Way
    clients: int
    batch: int
    round: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    rate: float
    """Answers a second; times the batch, it is faces a second."""
    answers: int
    failures: int
    cpu_ms_per_face: float
    """Of the model server's processes; through the gateway, of all parts; else of the process."""

    @property
    def cell(self) -> Cell:
        """What was measured."""
        return Cell(self.pair, self.way, self.clients, self.batch)

    @property
    def faces_per_second(self) -> float:
        """How many faces were judged a second."""
        return self.rate * self.batch

    @property
    def ms_per_face(self) -> float:
        """The median latency, shared among the faces of a message."""
        return self.p50_ms / self.batch


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure that is no load: how long a start took, how large a file is."""

    pair: str
    """Empty where it is of the server, whatever it serves."""
    framework: Framework
    what: str
    round: int
    value: float
    unit: str


@dataclass(slots=True)
class Results:
    """All that was measured, and under which conditions."""

    conditions: dict[str, Any] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Why answers were not right, in the order in which they came."""

    def save(self, folder: Path) -> None:
        """Write it beside the report."""
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(folder / ROUNDS, Round, self.rounds)
        write_rows(folder / FACTS, Fact, self.facts)
        conditions = {**self.conditions, "failures": self.failures[:_FAILURES_KEPT]}
        text = yaml.safe_dump(conditions, sort_keys=False, allow_unicode=True, width=100)
        (folder / CONDITIONS).write_text(text, encoding="utf-8")


def load_results(folder: Path) -> Results:
    """Read what `Results.save` wrote; raises OSError where it is not there."""
    conditions = yaml.safe_load((folder / CONDITIONS).read_text(encoding="utf-8"))
    return Results(
        conditions=conditions,
        rounds=read_rows(folder / ROUNDS, Round),
        facts=read_rows(folder / FACTS, Fact),
        failures=conditions.pop("failures"),
    )
