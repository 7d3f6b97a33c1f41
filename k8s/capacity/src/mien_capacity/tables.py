"""The tables of k8s/CAPACITY.md."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien_capacity.inputs import Assumed, Measured
from mien_capacity.mix import model_ms
from mien_capacity.scenarios import Prepared, overlay
from mien_capacity.simulation import Day
from mien_capacity.sizing import Need, needs, network, price_per_hour, redis_need

_FRAMEWORKS = (("torchserve", "pytorch"), ("tensorflow", "tensorflow"))
_BUSY = 0.7
_GIGA = 1e9
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Simulated:
    """A scenario and the day that came of it."""

    prepared: Prepared
    day: Day


def measured_table(measured: Measured) -> str:
    """What each part costs, as measured."""
    one = measured.case("new")
    four = measured.case("new", faces=4)
    rows = [
        _cost("gateway, answer kept", measured.case("cached").cpu_ms["gateway"], "", ""),
        _cost("gateway, faces known", measured.case("same faces").cpu_ms["gateway"], "", ""),
        _cost("gateway, new, one face", one.cpu_ms["gateway"], *_about(measured, "gateway")),
        _cost("gateway, new, four faces", four.cpu_ms["gateway"], "", ""),
        *(
            _cost(f"face-detector, {name}", cpu, *_about(measured, "face-detector", first))
            for first, (name, cpu) in zip(
                (True, False, False), measured.detector_cpu_ms.items(), strict=True
            )
        ),
    ]
    for part, framework in _FRAMEWORKS:
        for faces in (1, 4):
            cpu = measured.case("new", framework, faces).cpu_ms[part]
            name = f"{part}, {faces} face{'s' if faces > 1 else ''}"
            rows.append(_cost(name, cpu, *_about(measured, part, faces == 1)))
    redis = measured.redis
    rows.append(_cost("Redis, a look-up", redis.get_cpu_us / 1000, *_about(measured, "redis")))
    rows.append(_cost("Redis, an entry kept", redis.set_cpu_us / 1000, "", ""))
    heads = ("what", "CPU ms", "a second and core", "memory, MiB", "start to ready, s")
    return _table(heads, rows)


def pods_table(simulated: Simulated, assumed: Assumed) -> str:
    """How many of which pods: at rest at the peak, and the most of the simulated day."""
    prepared, day = simulated.prepared, simulated.day
    cells = prepared.scenario.cells
    frames = prepared.scenario.traffic.peak
    found = needs(prepared.system, frames)
    rows = [_pods_row(need, day) for need in found]
    redis = prepared.system.redis_size
    if prepared.system.redis_pods:
        rows.append(("Redis", "", "1", "1", "", _number(redis.cpu), _number(redis.memory_gib), ""))
    else:
        rows.append(("Redis", "", "external", "external", "", "", "", ""))
    rows.append(_total("**all**", found, prepared, 1))
    if cells > 1:
        rows.append(_total(f"**all {cells} cells**", found, prepared, cells))
    heads = (
        *("part", "calls/s", "pods", "most in the day", "busy"),
        *("cores", "memory, GiB", "GPUs"),
    )
    price = price_per_hour(found, prepared.system, assumed) * cells
    cost = f"At the peak {price:,.2f} {assumed.prices.currency} an hour, by assumed prices."
    return f"{_table(heads, rows)}\n\n{cost}"


def day_table(days: Sequence[Simulated], assumed: Assumed) -> str:
    """What the simulated days came to."""
    rows = []
    for each in days:
        day, cells = each.day, each.prepared.scenario.cells
        p95 = day.p95[day.p95 > 0] * 1000
        whole = day.cost.mean() * 24 * cells
        rows.append(
            (
                f"{each.prepared.peak:,.0f}",
                f"{np.median(p95):.0f}",
                f"{np.percentile(p95, 99):.0f}",
                f"{p95.max():,.0f}",
                f"{day.refused.sum() / day.frames.sum():.2%}",
                f"{np.count_nonzero(day.refused > 0.01 * day.frames):,}",
                f"{whole:,.0f}",
            )
        )
    heads = (
        *("peak, frames/s", "p95 ms, usual second", "1 % of seconds above"),
        *("worst second", "refused", "seconds with > 1 % refused"),
        f"{assumed.prices.currency} a day (assumed prices)",
    )
    return _table(heads, rows)


def shared_table(all_prepared: Sequence[Prepared], measured: Measured) -> str:
    """What the pods share: network, Redis, connections, figures for Prometheus."""
    rows = []
    for prepared in all_prepared:
        frames, cells = prepared.scenario.traffic.peak, prepared.scenario.cells
        net = network(prepared, measured, frames)
        redis = redis_need(prepared.system, measured, frames)
        gateways, *others = (need.pods for need in needs(prepared.system, frames))
        rows.append(
            (
                f"{prepared.peak:,.0f}",
                str(cells),
                _gigabits(net.ingress * cells),
                _gigabits(net.ingress),
                _gigabits(net.detector),
                f"{redis.operations:,.0f}",
                f"{redis.busy:.1%}",
                f"{redis.bytes_for_an_hour / _GIB:.2g}",
                f"{gateways * sum(others):,}",
                f"{gateways * measured.gateway_series:,}",
            )
        )
    heads = (
        *("peak, frames/s", "cells", "ingress, Gbit/s", "per cell: ingress, Gbit/s"),
        *("to detectors, Gbit/s", "Redis, operations/s", "Redis, of one core"),
        *("entries of an hour, GiB", "gRPC connections", "gateways' time series"),
    )
    return _table(heads, rows)


def devices_table(all_prepared: Sequence[Prepared], measured: Measured, assumed: Assumed) -> str:
    """How many pods of model servers on either device, at the same share of what they can do."""
    rows = []
    for prepared in all_prepared:
        row = [f"{prepared.peak:,.0f}"]
        for part, framework in _FRAMEWORKS:
            share = prepared.system.mix.frameworks.get(framework, 0.0)
            calls = prepared.peak * prepared.system.work.predictions * share
            on_cpu = 1000 / model_ms(prepared.system.mix, measured, part, framework)
            on_gpu = getattr(assumed.gpu, part).calls_per_second
            row += [f"{calls:,.0f}"]
            row += [f"{math.ceil(calls / (_BUSY * rate)):,}" for rate in (on_cpu, on_gpu)]
        rows.append(row)
    heads = (
        *("peak, frames/s", "TorchServe, calls/s", "on CPUs", "on GPUs (assumed)"),
        *("TensorFlow, calls/s", "on CPUs", "on GPUs (assumed)"),
    )
    return _table(heads, rows)


def targets_table(rows: Sequence[tuple[str, Simulated]], pool: str) -> str:
    """How one pool fares by different targets, all else equal."""
    lines = []
    for name, each in rows:
        record = each.day.stations[pool]
        changes = int(np.count_nonzero(np.diff(record.wanted)))
        p95 = record.p95[record.p95 > 0] * 1000
        lines.append(
            (
                name,
                f"{record.wanted.mean():.1f}",
                f"{record.wanted.max():.0f}",
                str(changes),
                f"{np.median(p95):.0f}",
                f"{np.percentile(p95, 99):.0f}",
                f"{each.day.refused.sum() / each.day.frames.sum():.2%}",
            )
        )
    heads = (
        *("targets of torchserve-cpu", "pods, mean", "most", "changes a day"),
        *("its p95 ms, usual second", "1 % of seconds above", "frames refused"),
    )
    return _table(heads, lines)


def values_block(name: str) -> str:
    """The values that a scenario needs, as they are."""
    return f"```yaml\n{overlay(name).read_text().rstrip()}\n```"


def _pods_row(need: Need, day: Day) -> tuple[str, ...]:
    station = need.station
    size = station.size
    mark = "" if station.measured else " (throughput assumed)"
    return (
        f"{station.name}{mark}",
        f"{need.rate:,.0f}",
        f"{need.pods:,}{' (bound)' if need.bound else ''}",
        f"{day.stations[station.name].wanted.max():,.0f}",
        f"{need.busy:.0%}",
        _number(need.pods * size.cpu),
        _number(need.pods * size.memory_gib),
        str(need.pods * size.gpus) if size.gpus else "",
    )


def _total(name: str, found: Sequence[Need], prepared: Prepared, cells: int) -> tuple[str, ...]:
    redis, redis_pods = prepared.system.redis_size, prepared.system.redis_pods
    sizes = [(need.pods, need.station.size) for need in found] + [(redis_pods, redis)]
    gpus = sum(pods * size.gpus for pods, size in sizes) * cells
    return (
        name,
        "",
        f"{sum(pods for pods, _ in sizes) * cells:,}",
        "",
        "",
        _number(sum(pods * size.cpu for pods, size in sizes) * cells),
        _number(sum(pods * size.memory_gib for pods, size in sizes) * cells),
        str(gpus) if gpus else "",
    )


def _cost(name: str, cpu_ms: float, memory: str, start: str) -> tuple[str, ...]:
    digits = 3 if cpu_ms < 0.1 else 1  # noqa: PLR2004 - operations of Redis
    return (name, f"{cpu_ms:.{digits}f}", f"{1000 / cpu_ms:,.0f}", memory, start)


def _about(measured: Measured, part: str, first: bool = True) -> tuple[str, str]:
    if not first:
        return "", ""
    return f"{measured.memory_mib[part]:.0f}", f"{measured.start_seconds[part]:.1f}"


def _gigabits(bits: float) -> str:
    return f"{bits / _GIGA:.2g}"


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").removesuffix(".")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
