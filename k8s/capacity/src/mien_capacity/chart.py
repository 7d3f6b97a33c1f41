"""The chart's values, read for what they say of scaling: the simulator has none of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mien_capacity.autoscaling.behavior import (
    DEFAULT_SCALE_DOWN,
    DEFAULT_SCALE_UP,
    Behavior,
    Policy,
    ScalingRules,
)
from mien_capacity.stations import PodSize, Scaling, Target

Values = Mapping[str, Any]

_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9, "m": 1e-3, "": 1}


class ValuesError(Exception):
    """The values are not those of Mien's chart."""


def load_values(chart: Path, *overlays: Path) -> Values:
    """Read the chart's values and lay others over them, as `helm -f` does."""
    merged: Values = {}
    for path in (chart, *overlays):
        try:
            found = yaml.safe_load(path.read_text())
        except OSError as error:
            message = f"cannot read {path}: give the chart's values with --values"
            raise ValuesError(message) from error
        merged = merge(merged, found or {})
    return merged


def merge(base: Values, over: Values) -> Values:
    """Lay one over the other: objects are merged, lists and all else replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def pools(values: Values) -> list[Values]:
    """Return every pool of model servers with what it inherits."""
    return [merge(values["modelPoolDefaults"], pool) for pool in values["modelPools"]]


def pod_size(part: Values) -> PodSize:
    """Return the requests of a part's pods."""
    requests = part["resources"]["requests"]
    gpu = part["gpu"]["count"] if part.get("device") == "gpu" else 0
    return PodSize(quantity(requests["cpu"]), quantity(requests["memory"]) / 2**30, gpu)


def scaling_by_cpu(part: Values, *, external: bool) -> Scaling:
    """Return how the gateway or the detector scales: HPA on CPU, and on what is under way.

    The gateway's own gauge is a metric of its pods; the detector's is counted by the gateways.
    """
    chosen = part["autoscaling"]
    if not chosen["enabled"]:
        return Scaling("none", part["replicas"])
    targets = [Target("cpu", chosen["cpuPercent"] / 100)]
    if chosen["customMetrics"]:
        targets.append(Target("in_flight" if external else "in_flight_pods", chosen["inFlight"]))
    return Scaling(
        "hpa",
        chosen["min"],
        least=chosen["min"],
        most=chosen["max"],
        targets=tuple(targets),
        behavior=_behavior(chosen["behavior"]),
    )


def scaling_of_pool(pool: Values) -> Scaling:
    """Return how a pool scales; the triggers are those of the chart's `mien.poolTriggers`."""
    chosen = pool["autoscaling"]
    if chosen["kind"] == "none":
        return Scaling("none", pool["replicas"])
    wanted = chosen["targets"]
    targets = [Target("in_flight", wanted["inFlight"])]
    if chosen["kind"] == "keda" and (not chosen["min"] or wanted["requestsPerSecond"]):
        targets.append(Target("rate", wanted["requestsPerSecond"] or 1_000_000))
    if wanted["p95Seconds"]:
        targets.append(Target("p95", wanted["p95Seconds"], activates=False))
    return Scaling(
        chosen["kind"],
        chosen["min"],
        least=chosen["min"],
        most=min(chosen["max"], _gpu_ceiling(pool)),
        targets=tuple(targets),
        behavior=_behavior(chosen["behavior"]),
        polling_seconds=chosen["pollingSeconds"],
        cooldown_seconds=chosen["cooldownSeconds"],
    )


def quantity(value: str | float) -> float:
    """Return a Kubernetes quantity as a number: `500m` is 0.5, `1Gi` is 2^30."""
    text = str(value)
    digits = text.rstrip("KMGikm")
    try:
        return float(digits) * _UNITS[text[len(digits) :]]
    except (KeyError, ValueError) as error:
        message = f"{text} is no quantity that is read here"
        raise ValuesError(message) from error


def _gpu_ceiling(pool: Values) -> int:
    """Never more pods than there are GPUs."""
    if pool["device"] != "gpu":
        return 10**9
    return int(pool["gpu"]["ceiling"] // pool["gpu"]["count"])


def _behavior(behavior: Values) -> Behavior:
    return Behavior(
        _rules(behavior.get("scaleUp", {}), DEFAULT_SCALE_UP),
        _rules(behavior.get("scaleDown", {}), DEFAULT_SCALE_DOWN),
    )


def _rules(rules: Values, default: ScalingRules) -> ScalingRules:
    """What is not said is filled in by the API server."""
    policies: Sequence[Values] | None = rules.get("policies")
    return ScalingRules(
        rules.get("stabilizationWindowSeconds", default.stabilization_window_seconds),
        default.policies
        if policies is None
        else tuple(Policy(each["type"], each["value"], each["periodSeconds"]) for each in policies),
        rules.get("selectPolicy", default.select_policy),
    )
