"""Bars are as long as the share they stand for."""

import pytest

from mien_client.command.bars import bar, percent


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "    "), (1, "████"), (0.5, "██  "), (0.53, "██▏ "), (1.7, "████"), (-1, "    ")],
)
def test_a_bar_fills_its_width_by_the_share(share: float, drawn: str) -> None:
    """To an eighth of a character; what is no share is cut to one."""
    assert bar(share, 4) == drawn


def test_percents_are_whole() -> None:
    """People read no more than that."""
    assert percent(0.9271) == "93%"
