"""Under which conditions it was measured: what a reader needs to judge the figures."""

import os
from datetime import UTC, datetime
from typing import Any

from mien_bench.compare.equality import TOLERANCE
from mien_bench.compare.inside.client import THREADS
from mien_bench.compare.plan import Plan
from mien_bench.compare.rows import EMBEDDED, OFFICIAL, SERVER_THREADS
from mien_bench.compare.served.clients import Clients
from mien_bench.compare.threads import Threads
from mien_bench.measuring.machine import machine, versions

_EMBEDDED_NAME = "mien-embedded-tensorflow"


def before(plan: Plan) -> dict[str, Any]:
    """Return what is known before anything is measured, the machine's load among it."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "versions": versions(),
        "pairs": [pair.name for pair in plan.pairs],
        "rounds": plan.rounds,
        "slices": f"{plan.seconds:g} s served, {plan.inside_seconds:g} s in process, "
        "two of each twin in every round",
        "starts": plan.starts,
        "threads in process": THREADS,
        "equal weights": f"checked before: no probability differs by more than {TOLERANCE:g}",
    }


def of_store(threads: Threads) -> dict[str, Any]:
    """Return what the model store says."""
    return {SERVER_THREADS: threads.describe()}


def of_answers(clients: Clients) -> dict[str, Any]:
    """Return what the parts say of themselves."""
    served_by = {framework.value: name for framework, name in clients.served_by.items()}
    official = not served_by["tensorflow"].startswith(_EMBEDDED_NAME)
    return {
        "servers": served_by,
        "TensorFlow server": OFFICIAL if official else EMBEDDED,
        "detector": ", ".join(sorted(clients.gateway.detectors)),
        "load while measuring (1 min, at the beginning)": round(os.getloadavg()[0], 1),
    }
