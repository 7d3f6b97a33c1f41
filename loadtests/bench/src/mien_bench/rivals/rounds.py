"""The run: first whether all answer right, then round by round, one system at a time."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from rich.progress import Progress, TaskID

from mien_bench.rivals.answers import Face
from mien_bench.rivals.asking import Client
from mien_bench.rivals.checking import agreement, settle
from mien_bench.rivals.plan import PICTURES, Plan, Supply
from mien_bench.rivals.points import measure
from mien_bench.rivals.processes import awake
from mien_bench.rivals.results import Memory, Results
from mien_bench.rivals.running import Running
from mien_bench.rivals.systems import System
from mien_loadtests.photos import photo


class Bench:
    """One run."""

    def __init__(self, plan: Plan, programs: Mapping[str, Running], progress: Progress) -> None:
        """Take the plan, what runs, and where to show how far it is."""
        self._plan = plan
        self._programs = programs
        self._progress = progress
        self._supply = Supply()
        self.results = Results()

    async def run(self) -> Results:
        """Check every system, then measure.

        Raises:
            BenchError: a system does not answer what it must.
        """
        await self._check()
        steps = self._plan.rounds * len(self._plan.systems) * len(self._plan.points)
        task = self._progress.add_task("", total=steps)
        for number in range(1, self._plan.rounds + 1):
            for system in self._plan.order(number):
                self._progress.update(task, description=f"round {number}: {system.label}")
                async with self._awake(system) as client:
                    await self._measure(client, number, task)
            # A bar shows on a terminal only.
            self._progress.console.print(f"  round {number} of {self._plan.rounds} is measured")
        return self.results

    async def _check(self) -> None:
        expected: dict[str, list[Face]] = {}
        for system in self._plan.systems:
            async with self._awake(system) as client:
                if not expected:
                    expected = {name: await client.faces(photo(name).data) for name in PICTURES}
                self.results.agreement += await agreement(client, expected)
                if client.served_by:
                    self.results.served_by[system.label] = client.served_by

    async def _measure(self, client: Client, number: int, task: TaskID) -> None:
        system, program = client.system, self._programs[client.system.program]
        pids = list(program.pids.values())
        for point in self._plan.points:
            pictures = self._supply.of(system, point.picture)
            row = await measure(client, point, pictures, pids, self._plan.seconds, number)
            self.results.points.append(row)
            self._progress.advance(task)
        self.results.memory.append(Memory(number, system.name, program.memory_mib(system)))

    @asynccontextmanager
    async def _awake(self, system: System) -> AsyncIterator[Client]:
        """Let the system run, alone, and wait until it answers as if it always had."""
        program = self._programs[system.program]
        with awake(program.pids.values()):
            async with Client(system, program.url) as client:
                await settle(client, self._supply)
                yield client
