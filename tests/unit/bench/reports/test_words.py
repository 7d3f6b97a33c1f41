"""Figures as text."""

import math

import pytest

from mien_bench.measuring.figures import Interval
from mien_bench.reports.words import listed, number, spread


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.00312, "0.00312"),
        (0.9996, "1.00"),
        (3.1234, "3.12"),
        (12.345, "12.3"),
        (312.4, "312"),
        (3123.4, "3,120"),
        (-3.1234, "-3.12"),
        (math.nan, "?"),
        (math.inf, "?"),
    ],
)
def test_a_number_has_three_digits_that_count(value: float, text: str) -> None:
    """What cannot be a figure is not written as one."""
    assert number(value) == text


def test_a_spread_is_told_where_there_is_one() -> None:
    """One round alone has none."""
    assert spread(Interval(3.12, 3.0, 3.3), "ms") == "3.12 ms (3.00 to 3.30)"
    assert spread(Interval(3.12, 3.12, 3.12), "ms") == "3.12 ms"
    assert spread(Interval(math.nan, math.nan, math.nan), "ms") == "? ms"


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_in_a_sentence(words: list[str], text: str) -> None:
    """The last one is joined by a word."""
    assert listed(words) == text
