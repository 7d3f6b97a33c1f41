"""Equal weights, or no comparison."""

import math

import pytest

from mien_bench.compare.equality import check
from mien_bench.compare.pairs import Pair
from mien_bench.errors import WrongAnswerError


def test_equal_answers_pass(pair: Pair) -> None:
    """Up to a thousandth."""
    answers = {"a": [[0.5, 0.5]], "b": [[0.5004, 0.4996]], "c": [[0.4998, 0.5002]]}
    assert check(pair, "their servers", answers) == pytest.approx(0.0004)


@pytest.mark.parametrize("other", [0.502, math.nan])
def test_other_weights_end_the_run(pair: Pair, other: float) -> None:
    """Wherever they show, with the pair's name."""
    with pytest.raises(WrongAnswerError, match=rf"{pair.name} differ .* their servers"):
        check(pair, "their servers", {"a": [[0.5, 0.5]], "b": [[other, 0.5]]})
