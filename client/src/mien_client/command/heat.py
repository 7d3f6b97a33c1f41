"""A heat map in characters: where in a face the model found the expression."""

from collections.abc import Sequence

from rich.text import Text

from mien_client.types import HeatMap

_SHADES = " ░▒▓█"
_STYLES = ("", "blue", "yellow", "bright_yellow", "bright_red")
_COLUMNS = 24
# A character is about twice as high as it is wide.
_ROWS = 12


def drawn(heat_map: HeatMap) -> list[Text]:
    """Return the lines of a small picture; shades tell as much as the colours do."""
    return [
        Text.assemble(
            *(_cell(_mean(heat_map.rows, row, column)) for column in range(_COLUMNS)),
        )
        for row in range(_ROWS)
    ]


def _mean(rows: Sequence[Sequence[float]], row: int, column: int) -> float:
    vertical = rows[_part(len(rows), row, _ROWS)]
    values = [value for each in vertical for value in each[_part(len(each), column, _COLUMNS)]]
    return sum(values) / len(values)


def _part(length: int, index: int, parts: int) -> slice:
    """Return the index-th of so many parts of a sequence; at least one element."""
    begin = index * length // parts
    return slice(begin, max(begin + 1, (index + 1) * length // parts))


def _cell(heat: float) -> tuple[str, str]:
    level = min(int(heat * len(_SHADES)), len(_SHADES) - 1)
    return _SHADES[level], _STYLES[level]
