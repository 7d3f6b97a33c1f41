"""The chart's values, as the simulator reads them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mien_capacity.autoscaling.behavior import DEFAULT_SCALE_DOWN, Policy
from mien_capacity.chart import (
    ValuesError,
    load_values,
    merge,
    pod_size,
    pools,
    quantity,
    scaling_by_cpu,
    scaling_of_pool,
)
from mien_capacity.inputs import Assumed, Measured
from mien_capacity.paths import CHART_VALUES
from mien_capacity.scenarios import names, overlay, prepare
from mien_capacity.stations import Target


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    """The chart's own, as YAML has them."""
    found: dict[str, Any] = yaml.safe_load(CHART_VALUES.read_text())
    return found


def on(part: dict[str, Any], **autoscaling: Any) -> dict[str, Any]:
    return dict(merge(part, {"autoscaling": autoscaling}))


def test_the_gateway_scales_as_the_chart_says(values: dict[str, Any]) -> None:
    """Target, bounds, windows and policies come from the file, none from here."""
    part = on(values["gateway"], enabled=True)
    scaling = scaling_by_cpu(part, external=False)
    shipped = part["autoscaling"]
    assert (scaling.least, scaling.most) == (shipped["min"], shipped["max"])
    assert scaling.targets == (Target("cpu", shipped["cpuPercent"] / 100),)
    up = shipped["behavior"]["scaleUp"]
    assert scaling.behavior.scale_up.policies == tuple(
        Policy(each["type"], each["value"], each["periodSeconds"]) for each in up["policies"]
    )
    window = shipped["behavior"]["scaleDown"]["stabilizationWindowSeconds"]
    assert scaling.behavior.scale_down.stabilization_window_seconds == window


def test_custom_metrics_add_what_is_under_way(values: dict[str, Any]) -> None:
    """Of the gateway's own pods; for the detector as the gateways count it."""
    gateway = on(values["gateway"], enabled=True, customMetrics=True)
    detector = on(values["detector"], enabled=True, customMetrics=True)
    assert scaling_by_cpu(gateway, external=False).targets[1].signal == "in_flight_pods"
    assert scaling_by_cpu(detector, external=True).targets[1].signal == "in_flight"


def test_without_autoscaling_replicas_stay(values: dict[str, Any]) -> None:
    """As the chart's Deployment has them."""
    part = on(values["detector"], enabled=False)
    scaling = scaling_by_cpu(part, external=True)
    assert (scaling.kind, scaling.replicas) == ("none", part["replicas"])


def test_a_pool_has_the_triggers_of_the_chart(values: dict[str, Any]) -> None:
    """One that may sleep is woken by its rate; the guard never wakes anything."""
    defaults = values["modelPoolDefaults"]
    asleep = scaling_of_pool(on(defaults, kind="keda", min=0))
    assert [target.signal for target in asleep.targets] == ["in_flight", "rate", "p95"]
    assert [target.activates for target in asleep.targets] == [True, True, False]
    awake = scaling_of_pool(on(defaults, kind="keda", min=1))
    by_hpa = scaling_of_pool(on(defaults, kind="hpa", min=1))
    assert [target.signal for target in awake.targets] == ["in_flight", "p95"]
    assert awake.targets == by_hpa.targets
    assert awake.cooldown_seconds == defaults["autoscaling"]["cooldownSeconds"]


def test_no_more_pods_than_gpus(values: dict[str, Any]) -> None:
    """Whatever `max` says."""
    pool = merge(
        on(values["modelPoolDefaults"], kind="keda", max=50),
        {"device": "gpu", "gpu": {"count": 2, "ceiling": 9}},
    )
    assert scaling_of_pool(pool).most == 4
    assert pod_size(pool).gpus == 2


def test_what_a_behavior_leaves_out_is_the_default() -> None:
    """As the API server fills it in."""
    part = {
        "replicas": 1,
        "autoscaling": {
            "enabled": True,
            "min": 1,
            "max": 2,
            "cpuPercent": 50,
            "customMetrics": False,
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
        },
    }
    behavior = scaling_by_cpu(part, external=False).behavior
    assert behavior.scale_down.policies == DEFAULT_SCALE_DOWN.policies
    assert behavior.scale_down.stabilization_window_seconds == 60


def test_overlays_are_laid_as_helm_lays_them(values: dict[str, Any]) -> None:
    """Objects are merged, lists replaced; pools inherit from the defaults."""
    merged = load_values(CHART_VALUES, overlay("1000"))
    assert merged["gateway"]["service"] == values["gateway"]["service"]
    assert merged["gateway"]["autoscaling"]["enabled"]
    first = pools(merged)[0]
    assert first["autoscaling"]["targets"]["requestsPerSecond"]
    assert (
        first["maxConnectionAgeSeconds"] == values["modelPoolDefaults"]["maxConnectionAgeSeconds"]
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [("500m", 0.5), ("2", 2), (3, 3), ("640Mi", 640 * 2**20), ("1.5Gi", 1.5 * 2**30), ("1G", 1e9)],
)
def test_quantities(text: str | float, number: float) -> None:
    """Kubernetes' own."""
    assert quantity(text) == number


def test_faults_name_the_remedy(tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(ValuesError, match="--values"):
        load_values(tmp_path / "absent.yaml")
    with pytest.raises(ValuesError, match="no quantity"):
        quantity("many")


@pytest.mark.parametrize("name", names())
def test_a_rate_target_is_what_a_pod_can_do(
    name: str, measured: Measured, assumed: Assumed
) -> None:
    """60 to 80 % of it, by the figures that were measured or assumed."""
    for pool in prepare(name, measured, assumed).system.pools:
        rates = [target.value for target in pool.scaling.targets if target.signal == "rate"]
        for rate in rates:
            asleep = not pool.scaling.least and rate == 1_000_000
            assert asleep or 0.6 <= rate / pool.pod_rate <= 0.8, pool.name
