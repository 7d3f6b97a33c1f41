"""Heat maps in characters."""

import pytest

from mien_client.command.heat import drawn
from mien_client.types import HeatMap


@pytest.mark.parametrize("size", [(48, 48), (7, 5), (100, 37)])
def test_heat_stays_where_it_is(size: tuple[int, int]) -> None:
    """Hot in the left half, cold in the right one, however large the map."""
    height, width = size
    row = tuple(1.0 if column < width / 2 else 0.0 for column in range(width))
    lines = [line.plain for line in drawn(HeatMap(height, width, (row,) * height))]
    assert len(lines) == 12
    assert {len(line) for line in lines} == {24}
    assert all(line.startswith("█████") and line.endswith("     ") for line in lines)


def test_every_heat_has_a_shade() -> None:
    """From nothing to all of it."""
    row = tuple(column / 23 for column in range(24))
    lines = drawn(HeatMap(1, 24, (row,)))
    assert set(lines[0].plain) == set(" ░▒▓█")
