"""Sentences out of two figures: who has the better one, by how much, and whether that is sure."""

from dataclasses import dataclass

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.telling.figures import Compared
from mien_bench.measuring.figures import Interval
from mien_bench.reports import plots
from mien_bench.reports.words import number, spread
from mien_models.registry import Framework

LOOKS = {PYTORCH: plots.PYTORCH, TENSORFLOW: plots.TENSORFLOW}

ENOUGH_ROUNDS = 5
"""Of fewer, chance lets one twin win all of them too often: of four, once in eight runs."""


def name(framework: Framework) -> str:
    """Return the framework's name as it writes it."""
    return LOOKS[framework].label


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which twin has the better figure."""

    better: Framework
    factor: Interval
    """How many times the better's figure the worse's is, or the other way round; at least 1."""
    sure: bool
    """Whether 1 is outside the interval of enough rounds."""


def judge(compared: Compared, *, less_is_better: bool) -> Verdict:
    """Return who is better, and how sure that is."""
    given = compared.ratio
    is_tensorflow = (given.value < 1) == less_is_better
    factor = given
    if given.value < 1:
        factor = Interval(1 / given.value, 1 / given.high, 1 / given.low)
    sure = compared.rounds >= ENOUGH_ROUNDS and factor.low > 1
    return Verdict(TENSORFLOW if is_tensorflow else PYTORCH, factor, sure)


def told(compared: Compared, unit: str, *, less_is_better: bool = True) -> str:
    """Return both figures, the better one first, and the factor between them."""
    verdict = judge(compared, less_is_better=less_is_better)
    worse = PYTORCH if verdict.better is TENSORFLOW else TENSORFLOW
    first, second = (
        f"{name(one)} {number(compared.of(one).value)} {unit}" for one in (verdict.better, worse)
    )
    if verdict.sure:
        return f"**{first}**, {second}: {spread(verdict.factor)} times"
    if compared.rounds < ENOUGH_ROUNDS:
        return f"{first}, {second}, in {count(compared.rounds, 'round')}"
    return f"{first}, {second}: no difference that {compared.rounds} rounds can show"


def times(compared: Compared) -> str:
    """Return the ratio with its interval, for a table."""
    return spread(compared.ratio)


def count(amount: int, noun: str) -> str:
    """Return `1 client`, `4 clients`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"
