"""The raw data: one row per case and stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mien_bench.reports.csv_files import write_rows
from mien_bench.stages.budget import Budget
from mien_bench.stages.run import Case

FILE = "stages.csv"
WAITED, OVERHEAD = "what the client waited", "beyond the detector's and the model's own work"


@dataclass(frozen=True, slots=True)
class Row:
    """A median."""

    kind: str
    framework: str
    clients: int
    requests: int
    stage: str
    milliseconds: float


def save(folder: Path, found: Mapping[Case, Budget]) -> None:
    """Write all of them."""
    write_rows(folder / FILE, Row, _rows(found))


def _rows(found: Mapping[Case, Budget]) -> Iterator[Row]:
    for (kind, framework, clients), one in found.items():
        named = {stage.value: spent for stage, spent in one.stages.items()}
        for stage, spent in (named | {WAITED: one.waited, OVERHEAD: one.overhead}).items():
            yield Row(kind, framework.value, clients, one.requests, stage, spent)
