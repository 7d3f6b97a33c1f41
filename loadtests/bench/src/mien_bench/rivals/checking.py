"""Whether a system answers right, before anything is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from mien_bench.errors import BenchError, WrongAnswerError
from mien_bench.rivals.answers import Agreement, Face, compare
from mien_bench.rivals.asking import Client
from mien_bench.rivals.plan import PICTURES, Supply
from mien_bench.rivals.results import Agreed
from mien_bench.rivals.systems import Likeness, System
from mien_loadtests.photos import photo

_TRIES = 50
_SETTLED = 6
# The same code changes the last digits only. Other code for the same crop changes its pixels, and
# with them probabilities: twice of what was seen.
_DIFFERENCES = {Likeness.SAME: 1e-3, Likeness.CROPS: 0.1}


async def settle(client: Client, supply: Supply) -> None:
    """Ask until the system answers right several times in a row: it may have been frozen.

    Raises:
        BenchError: it does not come to that.
    """
    right, last = 0, ""
    for _ in range(_TRIES):
        picture = PICTURES[right % len(PICTURES)]
        data = next(supply.of(client.system, picture))
        try:
            await client.check(data, photo(picture).faces)
        except (OSError, WrongAnswerError) as error:
            right, last = 0, str(error)
        else:
            right += 1
        if right == _SETTLED:
            return
    message = f"{client.system.label} does not answer right: {last}"
    raise BenchError(message)


async def agreement(client: Client, expected: Mapping[str, Sequence[Face]]) -> list[Agreed]:
    """Compare the system's answers with the expected faces of each picture.

    Raises:
        BenchError: they differ by more than they may.
    """
    rows = []
    for picture in PICTURES:
        found = compare(await client.faces(photo(picture).data), expected[picture])
        refuse_others(client.system, picture, found)
        rows.append(Agreed(**asdict(found), system=client.system.name, picture=picture))
    return rows


def refuse_others(system: System, picture: str, found: Agreement) -> None:
    """Raise BenchError where a system that must answer as Mien does not."""
    if system.likeness is Likeness.OWN:
        return
    complete = found.faces == found.expected == found.matched == found.same_labels
    if not complete or found.difference > _DIFFERENCES[system.likeness]:
        message = f"{system.label} answers {picture} otherwise than Mien: {found}"
        raise BenchError(message)
