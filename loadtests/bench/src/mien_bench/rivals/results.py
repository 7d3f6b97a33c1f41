"""What a run found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mien_bench.reports.csv_files import write_rows
from mien_bench.rivals.answers import Agreement
from mien_bench.rivals.points import Row

ROWS, MEMORY, AGREEMENT = "points.csv", "memory.csv", "agreement.csv"


@dataclass(frozen=True, slots=True)
class Memory:
    """A system's memory at the end of a round."""

    round: int
    system: str
    mib: float


@dataclass(frozen=True, slots=True)
class Agreed(Agreement):
    """How near a system's answer to a picture is to the first system's."""

    system: str
    picture: str


@dataclass(slots=True)
class Results:
    """Rows of raw data, in the order in which they were measured."""

    agreement: list[Agreed] = field(default_factory=list)
    points: list[Row] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    served_by: dict[str, str] = field(default_factory=dict)
    """Which model server Mien's rows say that they were answered by."""

    def save(self, folder: Path) -> None:
        """Write them as CSV files."""
        write_rows(folder / AGREEMENT, Agreed, self.agreement)
        write_rows(folder / ROWS, Row, self.points)
        write_rows(folder / MEMORY, Memory, self.memory)

    def of(self, system: str, picture: str, clients: int) -> Sequence[Row]:
        """Return the rows of one point, round by round."""
        wanted = (system, picture, clients)
        return [row for row in self.points if (row.system, row.picture, row.clients) == wanted]
