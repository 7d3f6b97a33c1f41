"""Slices of load on what is served, with the CPU time that they cost."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mien_bench.compare.faces import messages
from mien_bench.compare.pairs import PYTORCH, Pair
from mien_bench.compare.plan import Cell, Plan, Way
from mien_bench.compare.rows import Round
from mien_bench.compare.served.clients import Clients
from mien_bench.compare.turns import Slice, in_turns
from mien_bench.measuring.load import closed_loop
from mien_bench.measuring.pictures import fresh
from mien_models.registry import Framework
from mien_stack.usage import usage

SERVERS = {Framework.PYTORCH: "torchserve", Framework.TENSORFLOW: "tensorflow"}


@dataclass(slots=True)
class Served:
    """The running system, and what it uses while nobody asks."""

    plan: Plan
    clients: Clients
    pids: Mapping[str, int]
    idle: Mapping[str, float]
    """CPU seconds per second of each part."""
    failures: list[str] = field(default_factory=list)
    """Why answers were not right, in any slice."""
    pictures: Iterator[bytes] = field(default_factory=lambda: fresh("one-face", start=1))

    async def measure(self, pair: Pair, cell: Cell, number: int) -> list[Round]:
        """Return one round of a cell."""
        inputs = self._inputs(pair, cell)
        return await in_turns(
            cell, number, lambda framework: self._slice(pair, cell, framework, inputs)
        )

    async def _slice(
        self, pair: Pair, cell: Cell, framework: Framework, inputs: Iterator[bytes]
    ) -> Slice:
        asks = [self.clients.ask(cell.way, pair.twin(framework))] * cell.clients
        parts = self._parts(cell.way, framework)
        await closed_loop(asks, inputs, self.plan.warm_up_seconds)
        before, began = usage(parts), time.perf_counter()
        measured = await closed_loop(asks, inputs, self.plan.seconds)
        elapsed = time.perf_counter() - began
        used = sum(usage(parts).since(before).values())
        self.failures += measured.failures
        return Slice(
            measured.latencies,
            measured.seconds,
            measured.failures,
            max(0.0, used - elapsed * sum(self.idle[name] for name in parts)),
        )

    def _inputs(self, pair: Pair, cell: Cell) -> Iterator[bytes]:
        if cell.way is Way.GATEWAY:
            return self.pictures
        return messages(cell.batch, pair.model.input)

    def _parts(self, way: Way, framework: Framework) -> dict[str, int]:
        """Return whose CPU time counts: not that of the other twin's server."""
        if way is Way.SERVER:
            return {SERVERS[framework]: self.pids[SERVERS[framework]]}
        other = SERVERS[Framework.TENSORFLOW if framework is PYTORCH else PYTORCH]
        return {name: pid for name, pid in self.pids.items() if name not in (other, "worker")}


async def idle_use(pids: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Return the CPU seconds per second that each part uses while nobody asks."""
    before, began = usage(pids), time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - began
    return {name: used / elapsed for name, used in usage(pids).since(before).items()}
