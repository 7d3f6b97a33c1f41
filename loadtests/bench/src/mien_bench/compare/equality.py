"""Equal weights: whatever is compared must say the same of the same faces."""

from collections.abc import Mapping, Sequence

import numpy as np

from mien_bench.compare.faces import checked_faces
from mien_bench.compare.pairs import PYTORCH, TENSORFLOW, Pair
from mien_bench.compare.served.clients import Clients
from mien_bench.errors import WrongAnswerError
from mien_bench.measuring.pictures import fresh

TOLERANCE = 1e-3

Rows = Sequence[Sequence[float]]


async def check_served(pair: Pair, clients: Clients) -> Rows:
    """Hold the servers, and the gateway's answers, against each other; returns the servers'.

    Raises:
        WrongAnswerError: the twins differ by more than `TOLERANCE`.
    """
    message = checked_faces(pair.model.input).tobytes()
    picture = next(fresh("one-face"))
    served: dict[str, Rows] = {}
    through: dict[str, Rows] = {}
    for framework in (PYTORCH, TENSORFLOW):
        twin = pair.twin(framework)
        served[framework] = await clients.probabilities(twin, message)
        found = await clients.gateway.analyze(twin, picture)
        through[framework] = [[found[label] for label in pair.model.labels]]
    check(pair, "their servers", served)
    check(pair, "the gateway", through)
    return served[PYTORCH]


def check(pair: Pair, where: str, answers: Mapping[str, Rows]) -> float:
    """Return the largest difference of a probability from the first answer's.

    Raises:
        WrongAnswerError: it is more than `TOLERANCE`.
    """
    first, *others = (np.asarray(rows) for rows in answers.values())
    difference = max(float(np.abs(first - other).max()) for other in others)
    # Written so that a not-a-number fails too.
    if not difference <= TOLERANCE:
        message = (
            f"the twins of {pair.name} differ by {difference:.2g} in a probability, asked through "
            f"{where}: with unequal weights there is nothing to compare"
        )
        raise WrongAnswerError(message)
    return difference
