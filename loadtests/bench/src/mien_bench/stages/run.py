"""One run: every kind of request, to both twins, in turns."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import dataclass
from statistics import median

import uvloop
from rich.console import Console
from rich.progress import Progress

from mien_bench.compare.inside.client import started
from mien_bench.compare.pairs import Pair
from mien_bench.compare.plan import Cell, Way
from mien_bench.stages.asking import Answered, Asker
from mien_bench.stages.budget import Budget, budget
from mien_bench.stages.kinds import Kind, supply
from mien_models.registry import Framework
from mien_stack.settings import StackSettings

FRAMEWORKS = tuple(Framework)
_WARM_UP = 20
# In one go; then it is the next kind's turn, so that the machine's moods meet all.
_IN_A_ROW = 20
_INSIDE_SECONDS = 1.0

Case = tuple[Kind, Framework, int]
"""A kind of request, to which twin, by how many clients at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    pair: Pair
    requests: int
    """Of each case."""
    clients: tuple[int, ...]
    """For new pictures; what is known is asked for by one client."""

    def cases(self) -> list[Case]:
        """Return all of them."""
        many = [(kind, clients) for kind in (Kind.NEW, Kind.NEW_TEN) for clients in self.clients]
        known = [(kind, 1) for kind in (Kind.SAME_FACE, Kind.SAME_PICTURE)]
        return [
            (kind, framework, clients) for kind, clients in many + known for framework in FRAMEWORKS
        ]


def measure(plan: Plan, settings: StackSettings, console: Console) -> dict[Case, Budget]:
    """Return the budget of every case, from a running system.

    Raises:
        BenchError: it does not answer as it must.
    """
    inference = uvloop.run(_inference(plan, settings))
    with ExitStack() as stack:
        askers = [
            stack.enter_context(closing(Asker(settings.rest_url))) for _ in range(max(plan.clients))
        ]
        found = _asked(plan, askers, console)
    return {case: budget(answers, _work(case, inference)) for case, answers in found.items()}


def _work(case: Case, inference: dict[tuple[Framework, int], float]) -> float:
    kind, framework, _ = case
    known = kind in (Kind.SAME_FACE, Kind.SAME_PICTURE)
    return 0.0 if known else inference[framework, kind.faces]


def _asked(plan: Plan, askers: Sequence[Asker], console: Console) -> dict[Case, list[Answered]]:
    cases = plan.cases()
    # One supply for each client: threads cannot share a generator.
    pictures = {
        (case, asker): supply(case[0], place * len(askers) + number)
        for place, case in enumerate(cases)
        for number, asker in enumerate(askers[: case[2]])
    }
    found: dict[Case, list[Answered]] = {case: [] for case in cases}
    with (
        Progress(console=console, transient=True) as progress,
        ThreadPoolExecutor(len(askers)) as pool,
    ):
        task = progress.add_task("Asking", total=(plan.requests + _WARM_UP) * len(cases))
        while len(found[cases[0]]) < plan.requests + _WARM_UP:
            for case in cases:
                turns = [
                    pool.submit(_in_a_row, case, plan, asker, pictures[case, asker])
                    for asker in askers[: case[2]]
                ]
                for turn in turns:
                    found[case] += turn.result()
                progress.advance(task, _IN_A_ROW)
    return {case: answers[_WARM_UP:] for case, answers in found.items()}


def _in_a_row(case: Case, plan: Plan, asker: Asker, pictures: Iterator[bytes]) -> list[Answered]:
    kind, framework, clients = case
    model, number = plan.pair.twin(framework).name, max(2, _IN_A_ROW // clients)
    return [asker.ask(model, next(pictures), kind.faces) for _ in range(number)]


async def _inference(plan: Plan, settings: StackSettings) -> dict[tuple[Framework, int], float]:
    """Return how many milliseconds the graph takes for so many faces, alone in a process."""
    batches = sorted({kind.faces for kind in Kind})
    found: dict[tuple[Framework, int], float] = {}
    async with AsyncExitStack() as stack:
        for framework in FRAMEWORKS:
            inside = await stack.enter_async_context(
                started(plan.pair, framework, settings, batches)
            )
            for faces in batches:
                cell = Cell(plan.pair.name, Way.GRAPH, 1, faces)
                ran = await inside.slice(cell, _INSIDE_SECONDS)
                found[framework, faces] = 1000 * median(ran.latencies)
    return found
