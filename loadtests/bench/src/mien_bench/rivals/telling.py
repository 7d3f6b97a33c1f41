"""The report's sentences, made of the figures: also where Mien is not ahead."""

from mien_bench.reports.words import number, spread
from mien_bench.rivals.plan import PICTURES
from mien_bench.rivals.standing import Duel, Figure, Standing
from mien_bench.rivals.systems import System

SHOWN = {"one-face": "one face", "ten-faces": "ten faces"}


def against_each(standing: Standing) -> str:
    """Say for every other system how Mien stands at the most clients, as a list."""
    clients = max(standing.plan.clients)
    lines = [f"{standing.ours.label} against the others, {clients} clients, uncached:", ""]
    for other in standing.others:
        said = [_both(standing, other, picture, clients) for picture in PICTURES]
        lines.append(f"- **{other.label}**: {'; '.join(said)}.")
    return "\n".join(lines)


def where_behind(standing: Standing) -> str:
    """Say where Mien is not ahead, or that it always is."""
    if not standing.others:
        return "Nothing else was measured."
    behind = standing.behind()
    if not behind:
        return "At no point is Mien's throughput lower or its p99 higher than another system's."
    return "\n".join(f"- {_loss(duel)}" for duel in behind)


def from_the_cache(standing: Standing, cached: System) -> str:
    """Say what the cache gives for a picture that was analysed before."""
    clients = max(standing.plan.clients)
    rate = standing.value(cached, "one-face", clients, Figure.RATE)
    alone = standing.value(cached, "one-face", min(standing.plan.clients), Figure.P50)
    return (
        f"The same picture again: {number(rate.value)} answers a second at {clients} clients, "
        f"{number(alone.value)} ms at the median for {_clients(min(standing.plan.clients))}."
    )


def _both(standing: Standing, other: System, picture: str, clients: int) -> str:
    rate = standing.duel(other, picture, clients, Figure.RATE).times
    p99 = standing.duel(other, picture, clients, Figure.P99).times
    return f"{SHOWN[picture]}, {spread(rate)} times the throughput at {spread(p99)} of the p99"


def _loss(duel: Duel) -> str:
    what = "throughput" if duel.figure is Figure.RATE else "p99"
    certain = "" if duel.clear else ", which may be chance"
    where = f"{SHOWN[duel.picture]}, {_clients(duel.clients)}"
    return f"{duel.other.label}, {where}: {spread(duel.times)} times its {what}{certain}"


def _clients(count: int) -> str:
    return "one client" if count == 1 else f"{count} clients"
