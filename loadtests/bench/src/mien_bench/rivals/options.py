"""What the command line says."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mien_bench.rivals.plan import Plan
from mien_bench.rivals.systems import OURS, SYSTEMS
from mien_stack.settings import ROOT

REPORTS = ROOT / "loadtests" / "reports" / "bench"
QUICK_REPORTS = ROOT / "build" / "bench" / "quick"
_ROUNDS, _SECONDS, _CLIENTS = 4, 2.0, "1,4,16"
_QUICK_SYSTEMS = ("mien-pytorch", "thesis", "litserve-mien")


@dataclass(frozen=True, slots=True)
class Options:
    """A plan, and where its report goes."""

    plan: Plan
    out: Path
    readme: Path | None
    """A page that carries the main figures between `<!-- bench:begin -->` and its end."""


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; exits with 2 where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="mien_bench.rivals",
        description="Measures Mien against what a user would pick instead, in turns.",
        epilog=f"Systems: {', '.join(SYSTEMS)}.",
    )
    parser.add_argument(
        "--systems", help=f"names, with commas between, {OURS} always; default: all"
    )
    parser.add_argument("--rounds", type=_whole_number, help=f"default: {_ROUNDS}")
    parser.add_argument(
        "--seconds", type=_number, help=f"of each point, at least; default: {_SECONDS:g}"
    )
    parser.add_argument("--clients", help=f"numbers, with commas between; default: {_CLIENTS}")
    parser.add_argument("--out", type=Path, help="folder of the report")
    parser.add_argument("--readme", type=Path, help="page that carries the main figures, too")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"one short round of {', '.join(_QUICK_SYSTEMS)}: whether all of this works",
    )
    given = parser.parse_args(arguments)
    names = (
        given.systems.split(",") if given.systems else _QUICK_SYSTEMS if given.quick else SYSTEMS
    )
    if unknown := [name for name in names if name not in SYSTEMS]:
        parser.error(f"there is no {', '.join(unknown)}: choose of {', '.join(SYSTEMS)}")
    clients = given.clients or ("1,16" if given.quick else _CLIENTS)
    try:
        numbers = sorted({_whole_number(one) for one in clients.split(",")})
    except ValueError:
        parser.error(f"--clients: not whole numbers above 0: {clients}")
    plan = Plan(
        systems=[SYSTEMS[name] for name in SYSTEMS if name in {OURS, *names}],
        rounds=given.rounds or (1 if given.quick else _ROUNDS),
        seconds=given.seconds or (1.0 if given.quick else _SECONDS),
        clients=numbers,
    )
    out = given.out or (QUICK_REPORTS if given.quick else REPORTS)
    return Options(plan, out, given.readme)


def _number(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def _whole_number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value
