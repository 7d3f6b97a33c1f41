"""What processes use: CPU time and memory, with all their children."""

from collections.abc import Mapping
from dataclasses import dataclass

import psutil

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds so far, of each part."""

    seconds: Mapping[str, float]

    def since(self, before: "Usage") -> dict[str, float]:
        """Return the CPU seconds used in between."""
        return {name: self.seconds[name] - before.seconds[name] for name in self.seconds}


def usage(pids: Mapping[str, int]) -> Usage:
    """Look at the CPU time of every part."""
    return Usage({name: _cpu_seconds(pid) for name, pid in pids.items()})


def memory_mib(pid: int) -> float:
    """Return what the part would free if it ended: shared pages count by their share."""
    return sum(process.memory_full_info().pss for process in _tree(pid)) / _MIB


def _cpu_seconds(pid: int) -> float:
    times = [process.cpu_times() for process in _tree(pid)]
    return sum(time.user + time.system for time in times)


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]
