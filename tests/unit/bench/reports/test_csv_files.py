"""Rows of plain values, written and read."""

import math
from dataclasses import dataclass
from pathlib import Path

from mien_bench.reports.csv_files import read_rows, write_rows


@dataclass(frozen=True)
class Row:
    """One of each type."""

    name: str
    clients: int
    p50_ms: float


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    """Commas in text and figures that are none come through; digits that nobody measured do not."""
    rows = [Row("a, b", 4, 1.5), Row("c", 16, math.nan), Row("d", 1, 1 / 3)]
    path = tmp_path / "new" / "rounds.csv"
    write_rows(path, Row, rows)
    first, second, third = read_rows(path, Row)
    assert first == rows[0]
    assert math.isnan(second.p50_ms)
    assert third == Row("d", 1, 0.333333)
    assert path.read_text().splitlines()[0] == "name,clients,p50_ms"
