"""Results as a run would find them, made up."""

from mien_bench.rivals.plan import Plan
from mien_bench.rivals.points import Row
from mien_bench.rivals.results import Agreed, Memory, Results
from mien_bench.rivals.systems import SYSTEMS

PLAN = Plan(
    systems=[SYSTEMS[name] for name in ("mien-pytorch", "mien-cached", "thesis", "litserve-mien")],
    rounds=3,
    seconds=2.0,
    clients=(1, 16),
)
RATES = {"mien-pytorch": 100.0, "mien-cached": 2000.0, "thesis": 20.0, "litserve-mien": 80.0}
"""At one client and one face."""


def row(number: int, system: str, picture: str, clients: int) -> Row:
    """A row of a system whose rate is known; LitServe is ahead with ten faces only."""
    rate = RATES[system] * (1 if picture == "one-face" else 0.5)
    if (system, picture) == ("litserve-mien", "ten-faces"):
        rate = 60.0
    milliseconds = clients * 1e3 / rate
    # Drift from round to round hits all alike.
    rate *= number
    return Row(
        *(number, system, picture, clients, 2.0, round(rate * 2), rate),
        *(milliseconds, 2 * milliseconds, 10.0, 0, ""),
    )


def results() -> Results:
    """Every row of the plan."""
    names = [system.name for system in PLAN.systems]
    return Results(
        agreement=[
            Agreed(10, 10, 10, 0.99, 10, 0.00012, name, picture)
            for name in names
            for picture in ("one-face", "ten-faces")
        ],
        points=[
            row(number, name, point.picture, point.clients)
            for number in range(1, PLAN.rounds + 1)
            for name in names
            for point in PLAN.points
        ],
        memory=[
            Memory(number, name, 500.0 + number)
            for number in range(1, PLAN.rounds + 1)
            for name in names
        ],
        served_by={"Mien, PyTorch": "torchserve"},
    )
