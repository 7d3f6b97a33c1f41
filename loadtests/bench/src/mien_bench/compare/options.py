"""The command line of `python -m mien_bench.compare`."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mien_bench.compare.pairs import pairs_of
from mien_bench.compare.plan import Plan
from mien_models.registry import Registry
from mien_stack.settings import ROOT

REPORT = ROOT / "loadtests" / "reports" / "compare"
QUICK_REPORT = ROOT / "build" / "compare-quick"
_LONG: Mapping[str, Any] = {"rounds": 5, "seconds": 0.7, "starts": 3}
_QUICK: Mapping[str, Any] = {
    **_LONG,
    **dict.fromkeys(("rounds", "starts"), 1),
    **dict.fromkeys(("clients", "batches", "inside_batches"), (1, 4)),
    "seconds": 0.3,
    "idle_seconds": 1.0,
}


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    made = argparse.ArgumentParser(
        prog="python -m mien_bench.compare",
        description="Compares PyTorch and TensorFlow, served and in process, with equal weights "
        "and equal threads, in turns; writes the report. Takes about ten minutes for two pairs.",
    )
    made.add_argument("--pairs", nargs="+", default=[], metavar="MODEL", help="default: all")
    made.add_argument("--rounds", type=_count, help="of all cells (default 5)")
    made.add_argument("--seconds", type=_seconds, help="of a slice of load (default 0.7)")
    made.add_argument("--clients", type=_count, nargs="+", help="default 1 4 16")
    made.add_argument("--starts", type=_count, help="of each server alone (default 3)")
    made.add_argument(
        "--quick",
        action="store_true",
        help="one short round of few cells, to see that it works: its figures mean little",
    )
    made.add_argument("--out", type=Path, help=f"default {REPORT.relative_to(ROOT)}")
    return made


def plan_of(options: argparse.Namespace, registry: Registry) -> Plan:
    """Return what the options ask for.

    Raises:
        BenchError: there are no such pairs.
    """
    pairs = pairs_of(registry, options.pairs)
    if options.quick and not options.pairs:
        pairs = pairs[:1]
    chosen = dict(_QUICK if options.quick else _LONG)
    for name in ("rounds", "seconds", "starts"):
        if (given := getattr(options, name)) is not None:
            chosen[name] = given
    if options.clients:
        chosen["clients"] = tuple(sorted({*options.clients}))
    return Plan(pairs=pairs, **chosen)


def folder_of(options: argparse.Namespace) -> Path:
    """Return where the report goes: what means little does not replace what is kept."""
    out: Path = options.out or (QUICK_REPORT if options.quick else REPORT)
    return out


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        message = "must be 1 or more"
        raise argparse.ArgumentTypeError(message)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        message = "must be more than 0"
        raise argparse.ArgumentTypeError(message)
    return number
