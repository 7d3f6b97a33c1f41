"""What callers saw, as a table."""

from collections.abc import Sequence

from tests.chaos.faults import Observed
from tests.chaos.load import Outcome

_HEAD = (
    "fault",
    *(outcome.value for outcome in Outcome),
    "as before after",
    "slowest",
    "told",
)


def table(seen: Sequence[Observed]) -> str:
    """Return a Markdown table, a line per fault."""
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for one in seen:
        counts = (str(one.counts.get(outcome, 0)) for outcome in Outcome)
        ends = (f"{one.recovery_seconds:.1f} s", f"{one.slowest_seconds:.2f} s")
        rows.append((one.fault, *counts, *ends, ", ".join(one.details)))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
