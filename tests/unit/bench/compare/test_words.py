"""Who is better, and whether that is sure."""

import pytest

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.telling.figures import Compared
from mien_bench.compare.telling.words import Verdict, count, judge, told
from mien_bench.measuring.figures import Interval


def compared(torch: float, ratio: Interval, rounds: int = 5) -> Compared:
    tensorflow = torch * ratio.value
    return Compared(
        Interval(torch, torch, torch), Interval(tensorflow, tensorflow, tensorflow), ratio, rounds
    )


SLOWER, QUICKER = Interval(1.5, 1.2, 2.0), Interval(0.5, 0.4, 0.8)


def test_the_better_one_is_named_with_the_factor() -> None:
    """A ratio below 1 is turned over, its interval with it."""
    assert told(compared(10, SLOWER), "ms") == (
        "**PyTorch 10.0 ms**, TensorFlow 15.0 ms: 1.50 (1.20 to 2.00) times"
    )
    assert told(compared(10, QUICKER), "ms") == (
        "**TensorFlow 5.00 ms**, PyTorch 10.0 ms: 2.00 (1.25 to 2.50) times"
    )


def test_more_may_be_better() -> None:
    """Of answers a second."""
    assert told(compared(10, SLOWER), "/s", less_is_better=False).startswith("**TensorFlow")
    assert judge(compared(10, QUICKER), less_is_better=False).better is PYTORCH


@pytest.mark.parametrize("ratio", [Interval(1.1, 0.9, 1.4), Interval(0.9, 0.7, 1.0)])
def test_nobody_is_named_where_chance_may_have_done_it(ratio: Interval) -> None:
    """An interval that includes 1 is no difference."""
    said = told(compared(10, ratio), "ms")
    assert "no difference that 5 rounds can show" in said
    assert "**" not in said


@pytest.mark.parametrize(("rounds", "when"), [(1, "in 1 round"), (4, "in 4 rounds")])
def test_few_rounds_name_nobody_for_sure(rounds: int, when: str) -> None:
    """Chance may have let one win all of them."""
    verdict = judge(compared(10, SLOWER, rounds), less_is_better=True)
    assert (verdict.better, verdict.sure) == (PYTORCH, False)
    assert told(compared(10, QUICKER, rounds), "ms") == (
        f"TensorFlow 5.00 ms, PyTorch 10.0 ms, {when}"
    )
    assert judge(compared(10, QUICKER), less_is_better=True) == Verdict(
        TENSORFLOW, Interval(2.0, 1.25, 2.5), sure=True
    )


def test_one_has_no_plural() -> None:
    """Sentences are made of figures."""
    assert (count(1, "client"), count(4, "client")) == ("1 client", "4 clients")
