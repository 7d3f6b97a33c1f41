"""Stages as Locust follows them, and what each one brought."""

import time
from typing import Any

from locust import LoadTestShape

from mien_loadtests.stages import Count, Stage, StageFigures, figures_between, stage_at


class StagesShape(LoadTestShape):
    """So many users for so long, stage after stage; they come, and go, within a second.

    With workers, each stage's figures are up to three seconds late: so seldom do workers report.
    """

    def __init__(self, stages: tuple[Stage, ...], environment: Any) -> None:
        super().__init__()
        self._stages = stages
        self._spawn_rate = float(max(stage.users for stage in stages))
        self._environment = environment
        self._counts: list[tuple[int, Count]] = []

    def tick(self) -> tuple[int, float] | None:
        """Return users, and how many of them start or stop a second; none in the end."""
        index = stage_at(self._stages, self.get_run_time())
        if index is None:
            return None
        if not self._counts or self._counts[-1][0] != index:
            self._counts.append((index, self._count()))
        return self._stages[index].users, self._spawn_rate

    def figures(self) -> list[StageFigures]:
        """Return what every stage brought, the last one until now."""
        ends = [count for _, count in self._counts[1:]] + [self._count()]
        return [
            figures_between(self._stages[index].users, begin, end)
            for (index, begin), end in zip(self._counts, ends, strict=True)
        ]

    def _count(self) -> Count:
        total = self._environment.stats.total
        return Count(
            time.perf_counter(), total.num_requests, total.num_failures, dict(total.response_times)
        )
