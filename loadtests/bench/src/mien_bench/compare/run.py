"""One run: rounds of all cells, then starts, into results that outlive an interrupt."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console

from mien_bench.compare import conditions
from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Plan
from mien_bench.compare.rounds import Rounds
from mien_bench.compare.rows import Results
from mien_bench.compare.served.starts import cold_start
from mien_bench.compare.sizes import sizes
from mien_bench.compare.threads import archive_of, torchserve_threads, with_equal_threads
from mien_stack.beside import running, settings_on_free_ports


@dataclass(frozen=True, slots=True)
class Run:
    """What it does, where it may write, what it found, and whom it tells."""

    plan: Plan
    folder: Path
    results: Results
    console: Console

    def measure(self) -> None:
        """Do all of it; what is found before an interrupt stays in the results.

        Raises:
            BenchError: something that is measured does not work as it must.
            StackError: the system cannot be started.
        """
        self.results.conditions |= conditions.before(self.plan)
        settings = settings_on_free_ports(self.folder / "run")
        first = self.plan.pairs[0]
        with running(
            settings,
            self.console,
            change=lambda process: with_equal_threads(process, settings, first),
        ) as pids:
            threads = torchserve_threads(archive_of(first, settings))
            self.results.conditions |= conditions.of_store(threads)
            for pair in self.plan.pairs:
                self.results.facts += sizes(pair, settings)
            rounds = Rounds(self.plan, settings, pids, self.results)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(rounds.measure())
        # Afterwards, because the model store is built by then, and alone, because that is meant.
        self._starts()

    def _starts(self) -> None:
        settings = settings_on_free_ports(self.folder / "alone")
        for number in range(1, self.plan.starts + 1):
            for framework in (PYTORCH, TENSORFLOW):
                facts = list(cold_start(framework, self.plan.pairs, settings, number))
                self.results.facts += facts
                self.console.print(
                    f"  {framework} start {number} of {self.plan.starts}: "
                    f"first answer after {facts[0].value:.1f} s"
                )
