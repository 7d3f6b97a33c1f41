"""The report's tables."""

from mien_bench.reports.blocks import Table
from mien_bench.reports.words import number, spread
from mien_bench.rivals.plan import PICTURES
from mien_bench.rivals.results import Results
from mien_bench.rivals.standing import Figure, Standing
from mien_bench.rivals.systems import SYSTEMS
from mien_bench.rivals.telling import SHOWN


def figures(standing: Standing, picture: str, figure: Figure) -> Table:
    """Return a figure of every system over the numbers of clients."""
    clients = standing.plan.clients
    rows = [
        [system.label, *(spread(standing.value(system, picture, each, figure)) for each in clients)]
        for system in standing.plan.systems
    ]
    return Table([SHOWN[picture], *(_clients(each) for each in clients)], rows)


def costs(standing: Standing) -> Table:
    """Return processor time and memory of every system."""
    clients = max(standing.plan.clients)
    rows = [
        [
            system.label,
            *(spread(standing.value(system, one, clients, Figure.CPU)) for one in PICTURES),
            number(standing.memory(system).value),
        ]
        for system in standing.plan.systems
    ]
    heads = [f"CPU ms a picture, {SHOWN[picture]}" for picture in PICTURES]
    return Table(["system", *heads, "memory, MiB"], rows)


def ratios(standing: Standing, figure: Figure) -> Table:
    """Return how many times the others' figure Mien's is."""
    points = [(picture, each) for picture in PICTURES for each in standing.plan.clients]
    rows = [
        [other.label, *(spread(standing.duel(other, *point, figure).times) for point in points)]
        for other in standing.others
    ]
    return Table(
        ["Mien against", *(f"{SHOWN[picture]}, {_clients(each)}" for picture, each in points)], rows
    )


def agreement(results: Results) -> Table:
    """Return how near the systems' answers are to the first one's."""
    rows = [
        [
            SYSTEMS[row.system].label,
            SHOWN[row.picture],
            f"{row.faces} of {row.expected}",
            row.matched,
            row.same_labels,
            number(row.overlap),
            f"{row.difference:.1g}",
        ]
        for row in results.agreement
    ]
    heads = ("faces", "the same", "same label", "least overlap", "largest difference")
    return Table(["system", "picture", *heads], rows, numbers_from=2)


def pairs(title: str, entries: dict[str, str]) -> Table:
    """Return names and what they are."""
    return Table([title, ""], list(entries.items()), numbers_from=2)


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"
