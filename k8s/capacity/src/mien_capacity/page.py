"""`python -m mien_capacity.page`: writes the tables of k8s/CAPACITY.md, and the plots beside it.

What stands between `<!-- begin NAME -->` and `<!-- end NAME -->` is written here, the rest by hand;
a test holds both the page and the plots' inputs to what would be written now.
"""

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path

from mien_capacity.inputs import Assumed, Measured, load_assumed, load_measured
from mien_capacity.paths import PAGE, PLOTS
from mien_capacity.scenarios import Prepared, names, prepare
from mien_capacity.simulation import simulate
from mien_capacity.stations import Station, Target
from mien_capacity.tables import (
    Simulated,
    day_table,
    devices_table,
    measured_table,
    pods_table,
    shared_table,
    targets_table,
    values_block,
)
from mien_capacity.traffic import frames_per_second

_BLOCK = re.compile(r"(<!-- begin (?P<name>\S+) -->\n).*?(<!-- end (?P=name) -->)", re.DOTALL)
COMPARED = "1000"
COMPARED_POOL = "torchserve-cpu"


def simulated(prepared: Prepared, assumed: Assumed) -> Simulated:
    """Run a scenario's day."""
    frames = frames_per_second(prepared.scenario.traffic)
    return Simulated(prepared, simulate(prepared.system, frames, assumed))


def blocks(measured: Measured, assumed: Assumed, days: list[Simulated]) -> dict[str, str]:
    """Return the text of every block by its name."""
    prepared = [each.prepared for each in days]
    found = {
        "measured": measured_table(measured),
        "days": day_table(days, assumed),
        "devices": devices_table(prepared, measured, assumed),
        "shared": shared_table(prepared, measured),
    }
    for each in days:
        found[f"pods-{each.prepared.name}"] = pods_table(each, assumed)
        found[f"values-{each.prepared.name}"] = values_block(each.prepared.name)
        if each.prepared.name == COMPARED:
            found["targets"] = targets_table(_compared(each, assumed), COMPARED_POOL)
    return found


def written(page: str, found: dict[str, str]) -> str:
    """Return the page with every block as it must be; raises KeyError for one that nobody knows."""
    return _BLOCK.sub(lambda match: f"{match[1]}{found[match['name']]}\n{match[3]}", page)


def main() -> None:
    """Write the page and draw the plots."""
    argparse.ArgumentParser(
        prog="python -m mien_capacity.page",
        description="Simulates every scenario and writes the tables and plots of k8s/CAPACITY.md.",
    ).parse_args()
    from mien_capacity.plots import draw  # noqa: PLC0415 - --help need not load matplotlib

    measured, assumed = load_measured(), load_assumed()
    days = []
    for name in names():
        sys.stderr.write(f"Simulating {name} frames a second\n")
        days.append(simulated(prepare(name, measured, assumed), assumed))
        draw(days[-1].prepared, days[-1].day, assumed, PLOTS / f"{name}.png")
    Path(PAGE).write_text(written(PAGE.read_text(), blocks(measured, assumed, days)))


def _compared(each: Simulated, assumed: Assumed) -> list[tuple[str, Simulated]]:
    """The same day with other targets of one pool."""
    guard = Target("p95", 0.25, activates=False)
    eight, two = Target("in_flight", 8), Target("in_flight", 2)
    return [
        ("`inFlight: 8`", simulated(_with(each.prepared, (eight, guard)), assumed)),
        ("`inFlight: 2`, the default", simulated(_with(each.prepared, (two, guard)), assumed)),
        ("`requestsPerSecond: 120` besides, as below", each),
    ]


def _with(prepared: Prepared, targets: tuple[Target, ...]) -> Prepared:
    def changed(pool: Station) -> Station:
        if pool.name != COMPARED_POOL:
            return pool
        return replace(pool, scaling=replace(pool.scaling, targets=targets))

    pools = tuple(changed(pool) for pool in prepared.system.pools)
    return replace(prepared, system=replace(prepared.system, pools=pools))


if __name__ == "__main__":
    main()
