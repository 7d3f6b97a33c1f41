"""Figures in sentences and tables: as many digits as they are worth."""

import math

from mien_bench.measuring.figures import Interval


def number(value: float) -> str:
    """Return three digits that count, without an exponent: `0.0312`, `3.12`, `312`, `3,120`."""
    if not math.isfinite(value):
        return "?"
    if value == 0:
        return "0"
    # Rounded before it is asked how long it is: 0.9996 is 1.00.
    rounded = float(f"{value:.2e}")
    digits = max(0, 2 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{digits}f}"


def spread(interval: Interval, unit: str = "") -> str:
    """Return the value with its 95 % interval: `3.12 ms (3.01 to 3.30)`."""
    said = f"{number(interval.value)} {unit}".strip()
    low, high = number(interval.low), number(interval.high)
    return said if low == high else f"{said} ({low} to {high})"


def listed(words: list[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
