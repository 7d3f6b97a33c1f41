"""All rounds of all cells, on a running system."""

from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mien_bench.compare import conditions, equality
from mien_bench.compare.inside.client import Inside, started
from mien_bench.compare.pairs import PYTORCH, TENSORFLOW, Pair
from mien_bench.compare.plan import Cell, Plan
from mien_bench.compare.rows import FIRST_CALL, IMPORT, LOAD, MEMORY_LOADED, Fact, Results, Round
from mien_bench.compare.served.clients import opened
from mien_bench.compare.served.slices import SERVERS, Served, idle_use
from mien_bench.compare.turns import Slice, in_turns
from mien_models.registry import Framework
from mien_stack.settings import StackSettings
from mien_stack.usage import memory_mib


def _bar() -> Progress:
    return Progress(BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())


@dataclass(frozen=True, slots=True)
class Rounds:
    """What is measured, of which system, and what was found so far."""

    plan: Plan
    settings: StackSettings
    pids: Mapping[str, int]
    results: Results
    bar: Progress = field(default_factory=_bar)

    async def measure(self) -> None:
        """Measure every cell in every round.

        Raises:
            BenchError: the twins are not equal, or a program with a framework ended.
        """
        async with opened(self.settings) as clients:
            await clients.wait_for(
                [pair.twin(framework) for pair in self.plan.pairs for framework in Framework]
            )
            right = {
                pair.name: await equality.check_served(pair, clients) for pair in self.plan.pairs
            }
            self.results.conditions |= conditions.of_answers(clients)
            idle = await idle_use(self.pids, self.plan.idle_seconds)
            served = Served(self.plan, clients, self.pids, idle, self.results.failures)
            with self.bar:
                self.bar.add_task("", total=self.plan.rounds * len(self.plan.cells()))
                for number in range(1, self.plan.rounds + 1):
                    for pair in self.plan.pairs:
                        for cell in self.plan.served_cells(pair):
                            await self._one(cell, number, served.measure(pair, cell, number))
                        await self._inside(pair, number, right[pair.name])
                    self._memory(number)

    async def _inside(self, pair: Pair, number: int, right: equality.Rows) -> None:
        async with AsyncExitStack() as stack:
            programs: dict[Framework, Inside] = {}
            for framework in (PYTORCH, TENSORFLOW):
                program = started(pair, framework, self.settings, self.plan.inside_batches)
                programs[framework] = await stack.enter_async_context(program)
                self._first(pair, framework, number, programs[framework], right)
            for cell in self.plan.inside_cells(pair):

                async def measure(framework: Framework, cell: Cell = cell) -> Slice:
                    return await programs[framework].slice(cell, self.plan.inside_seconds)

                await self._one(cell, number, in_turns(cell, number, measure))

    async def _one(self, cell: Cell, number: int, measured: Awaitable[list[Round]]) -> None:
        (task,) = self.bar.task_ids
        self.bar.update(task, description=_shown(cell, number, self.plan.rounds))
        self.results.rounds += await measured
        self.bar.advance(task)

    def _memory(self, number: int) -> None:
        for framework, name in SERVERS.items():
            memory = memory_mib(self.pids[name])
            self.results.facts.append(Fact("", framework, MEMORY_LOADED, number, memory, "MiB"))

    def _first(
        self, pair: Pair, framework: Framework, number: int, program: Inside, right: equality.Rows
    ) -> None:
        """Keep how long everything took for the first time, and check what it said."""

        def keep(what: str, value: float, unit: str) -> None:
            self.results.facts.append(Fact(pair.name, framework, what, number, value, unit))

        keep(IMPORT, program.ready.import_seconds, "s")
        for first in program.first:
            equality.check(
                pair, f"{framework} in process", {"served": right, first.way: first.probabilities}
            )
            keep(f"{LOAD} {first.way}", first.load_seconds, "s")
            keep(f"{FIRST_CALL} {first.way}", first.first_ms, "ms")


def _shown(cell: Cell, number: int, rounds: int) -> str:
    clients = f"{cell.clients} client{'s' if cell.clients > 1 else ''}"
    faces = f"{cell.batch} face{'s' if cell.batch > 1 else ''}"
    return f"round {number} of {rounds}: {cell.pair}, {cell.way}, {clients}, {faces}"
