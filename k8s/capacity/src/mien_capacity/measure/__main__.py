"""`python -m mien_capacity.measure`: measures on this machine and writes measured.yaml."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil
import yaml
from redis import Redis
from rich.console import Console

from mien_capacity.measure.detectors import VARIANTS, detector_ms
from mien_capacity.measure.load import Analyze, Cost, MeasuringError, cost, idle
from mien_capacity.measure.pictures import HEIGHT, WIDTH, frames, same_faces
from mien_capacity.measure.redis_ops import redis_cost
from mien_capacity.measure.startup import start_seconds
from mien_capacity.paths import MEASURED
from mien_stack.beside import running, settings_on_free_ports
from mien_stack.errors import StackError
from mien_stack.settings import StackSettings
from mien_stack.usage import memory_mib

_STARTS = 3
# One picture at a time and one thread: the figures are those of one core.
_ONE_CORE = {"MIEN_DETECTOR_WORKERS": "1"}
PYTORCH, TENSORFLOW = "fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow"
HEADER = """\
# Written by `python -m mien_capacity.measure`; what cannot be measured stands in assumed.yaml.
# CPU milliseconds are of all of a part's processes, per request, without what they use idle: on a
# machine that others use too they are the stable figure. A core serves 1000 / cpu_ms a second.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request, at one rate."""

    name: str
    model: str
    faces: int
    rate: float

    def bodies(self, number: int, seed: int) -> Iterator[bytes]:
        """Return the pictures that are sent."""
        one = next(frames(self.faces, 1, seed=seed))
        match self.name:
            case "cached":
                return iter([one] * number)
            case "same faces":
                return same_faces(one, number)
            case _:
                return frames(self.faces, number, seed=seed)


CASES = (
    Case("cached", PYTORCH, 1, 60),
    Case("same faces", PYTORCH, 1, 20),
    Case("new", PYTORCH, 1, 12),
    Case("new", PYTORCH, 4, 12),
    Case("new", TENSORFLOW, 1, 12),
    Case("new", TENSORFLOW, 4, 12),
)


def main() -> None:
    """Measure, and write what was found."""
    arguments = _parser().parse_args()
    console = Console(soft_wrap=True)
    try:
        with tempfile.TemporaryDirectory(prefix="mien-measure-") as folder:
            found = _measure(arguments, Path(folder), console)
    except (MeasuringError, StackError) as error:
        sys.exit(f"mien: {error}")
    arguments.out.write_text(HEADER + yaml.safe_dump(found, sort_keys=False, width=100))
    console.print(f"Wrote {arguments.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mien_capacity.measure",
        description="Starts the system as `make up` does, on ports of its own, and measures what "
        "a request costs each part. Takes about ten minutes; needs YuNet's file "
        "(MIEN_DETECTOR_MODEL_DIR) or the network for it.",
    )
    parser.add_argument("--out", type=Path, default=MEASURED, help=f"default {MEASURED.name}")
    parser.add_argument("--requests", type=int, default=240, help="of each kind (default 240)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="of all kinds; the median counts (default 3)"
    )
    return parser


def _measure(arguments: argparse.Namespace, folder: Path, console: Console) -> dict[str, Any]:
    load_before = os.getloadavg()[0]
    settings = settings_on_free_ports(folder / "run")
    with running(settings, console, _ONE_CORE) as pids:
        analyze = {case: Analyze(settings.rest_url, case.model, case.faces) for case in CASES}
        cases = [
            _describe(case, costs, analyze[case])
            for case, costs in _costs(arguments, analyze, pids, console).items()
        ]
        memory = {name: round(memory_mib(pid)) for name, pid in pids.items()}
        redis = _redis(settings, pids["redis"])
        series = _series(settings)
    console.print("Starting each part alone")
    alone = settings_on_free_ports(folder / "alone")
    rounds = [start_seconds(alone) for _ in range(_STARTS)]
    starts = {name: round(min(each[name] for each in rounds), 2) for name in rounds[0]}
    console.print("Comparing detectors")
    detectors = {each.name: round(detector_ms(alone, each), 2) for each in VARIANTS}
    return {
        "command": "python -m mien_capacity.measure",
        "conditions": _conditions(arguments, load_before),
        "frame": _frame(),
        "cases": cases,
        "redis": redis,
        "memory_mib": memory,
        "start_seconds": starts,
        "detector_cpu_ms": detectors,
        "gateway_series": series,
    }


def _costs(
    arguments: argparse.Namespace,
    analyze: dict[Case, Analyze],
    pids: dict[str, int],
    console: Console,
) -> dict[Case, list[Cost]]:
    for case, call in analyze.items():
        for body in case.bodies(20, seed=1):
            call(body)
    found: dict[Case, list[Cost]] = {case: [] for case in CASES}
    for number in range(arguments.rounds):
        idle_seconds = idle(pids)
        for place, case in enumerate(CASES):
            console.print(f"Round {number + 1}: {case.name}, {case.model}, {case.faces} faces")
            bodies = case.bodies(arguments.requests, seed=100 + number * len(CASES) + place)
            found[case].append(cost(analyze[case], bodies, case.rate, pids, idle_seconds))
    return found


def _describe(case: Case, costs: list[Cost], call: Analyze) -> dict[str, Any]:
    parts = [name for name in costs[0].cpu_ms if name != "worker"]
    return {
        "name": case.name,
        "model": case.model,
        "faces": case.faces,
        "requests": sum(each.requests for each in costs),
        "rate_per_second": case.rate,
        "answer_bytes": call.answer_bytes,
        "median_ms": round(median(each.median_ms for each in costs), 1),
        "cpu_ms": {part: round(median(each.cpu_ms[part] for each in costs), 3) for part in parts},
    }


def _redis(settings: StackSettings, pid: int) -> dict[str, float]:
    with Redis(host="127.0.0.1", port=settings.redis_port) as client:
        info: dict[str, Any] = client.info()
        keys = int(client.dbsize())
        used = int(info["used_memory"]) - int(info["used_memory_startup"])
    busy = redis_cost(settings.redis_port, pid)
    return {
        "get_cpu_us": round(busy.get_us, 1),
        "set_cpu_us": round(busy.set_us, 1),
        "seen_per_second": round(busy.seen_per_second),
        "bytes_per_key": round(used / keys),
    }


def _series(settings: StackSettings) -> int:
    text = httpx.get(f"{settings.rest_url}/metrics", timeout=10).raise_for_status().text
    return sum(1 for line in text.splitlines() if line and not line.startswith("#"))


def _conditions(arguments: argparse.Namespace, load_before: float) -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(load_before, 1),
        "rounds": arguments.rounds,
        "detector": "YuNet, one worker",
        "torchserve": "one worker, one thread",
        "tensorflow": "embedded server, one thread",
        "starts": "the quickest of three, alone, files read before",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _frame() -> dict[str, int]:
    return {"width": WIDTH, "height": HEIGHT, "bytes": len(next(frames(1, 1, seed=1)))}


if __name__ == "__main__":
    main()
