"""What the chart copies is equal to its origin, and the services can read what it writes."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mien_gateway.clients.pools import read_pools
from mien_tf_serving.batching_parameters import read_batching_parameters
from mien_tf_serving.config_files import read_models
from tests.k8s.programs import CASES, CHART, NEWEST, ROOT, rendering
from tests.k8s.rules.scaling import SCALERS, limits, target

MONITORING = ROOT / "monitoring"


def written(case: str, key: str, folder: Path) -> Iterator[Path]:
    """Put each file of a name that the ConfigMaps of a case hold into a folder."""
    for config in rendering(case).of("ConfigMap"):
        if key in config["data"]:
            path = folder / f"{config['metadata']['name']}-{key}"
            path.write_text(config["data"][key], encoding="utf-8")
            yield path


@pytest.mark.parametrize("case", CASES)
def test_the_gateway_reads_its_pools(case: str, tmp_path: Path) -> None:
    """And each leads to a Service of that port."""
    (path,) = written(case, "pools.yaml", tmp_path)
    ports = {
        (service["metadata"]["name"], port["port"])
        for service in rendering(case).of("Service")
        for port in service["spec"]["ports"]
    }
    for pool in read_pools(path):
        for address in filter(None, (pool.target, pool.rest_url)):
            host, port = address.rpartition("/")[2].split(":")
            assert (host, int(port)) in ports
            assert address.startswith(("dns:///", "http://"))


@pytest.mark.parametrize("case", CASES)
def test_tensorflow_reads_its_files(case: str, tmp_path: Path) -> None:
    """The embedded server's reader knows each field that the official one documents."""
    configs = list(written(case, "models.config", tmp_path))
    assert configs
    for path in configs:
        assert read_models(path)
    for path in written(case, "batching.config", tmp_path):
        assert max(read_batching_parameters(path).allowed_batch_sizes) > 0


def test_the_chart_is_of_the_services_version() -> None:
    """Its images are those of this version, unless a value says otherwise."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    gateway = (ROOT / "services" / "gateway" / "pyproject.toml").read_text(encoding="utf-8")
    assert chart["appVersion"] == chart["version"]
    assert chart["version"] == tomllib.loads(gateway)["project"]["version"]


def test_the_list_of_models_is_the_repositorys() -> None:
    """Helm reads no file outside of the chart, so the chart has a copy."""
    original = (ROOT / "models" / "registry.yaml").read_bytes()
    assert (CHART / "files" / "registry.yaml").read_bytes() == original


@pytest.mark.parametrize("copy", ["dashboards/mien.json", "rules.yml"])
def test_dashboards_and_rules_are_the_repositorys(copy: str) -> None:
    """One dashboard, one set of alerts, for Compose and for the chart."""
    (original,) = MONITORING.rglob(Path(copy).name)
    (copied,) = (CHART / "files").rglob(Path(copy).name)
    assert copied.read_bytes() == original.read_bytes()


@pytest.mark.parametrize(
    ("setting", "changed"),
    [
        ("gateway.env.MIEN_GATEWAY_RATE_LIMIT=5/second", {"mien-gateway"}),
        ("detector.env.MIEN_DETECTOR_QUEUE=5", {"mien-detector"}),
        ("modelPoolDefaults.batching.maxBatchSize=64", {"mien-tensorflow-cpu"}),
        ("models.fetch.sizeLimit=5Gi", set()),
    ],
)
def test_pods_start_anew_when_their_settings_change(setting: str, changed: set[str]) -> None:
    """Those that read them, by a checksum, and no others."""
    before = checksums()
    after = checksums("--set", setting)
    assert {name for name in before if before[name] != after[name]} == changed


def checksums(*more: str) -> dict[str, dict[str, str]]:
    """Return the annotations of each Deployment's pods."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"].get("annotations", {})
        for one in rendering("default", NEWEST, *more).of("Deployment")
    }


@pytest.mark.parametrize("case", CASES)
def test_no_pool_can_grow_beyond_its_gpus(case: str) -> None:
    """Its most replicas, times the GPUs of each, are at most what the values say there are."""
    shown = rendering(case)
    most = {target(scaler): limits(scaler)[1] for scaler in shown.of(*SCALERS)}
    for workload in shown.workloads:
        if not workload.gpus:
            continue
        given = workload.containers[0]["resources"]["limits"]
        (each,) = (int(count) for name, count in given.items() if name.startswith("nvidia.com/"))
        replicas = most.get(str(workload)) or workload.manifest["spec"]["replicas"]
        assert replicas * each <= ceiling(case, workload.labels["mien/pool"])


def ceiling(case: str, pool: str) -> int:
    """Return how many GPUs a pool may take, by its values or by the chart's."""
    default = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    path = CASES[case]
    own = yaml.safe_load(path.read_text(encoding="utf-8")) if path else {}
    for values in (own, default):
        for one in values.get("modelPools", []):
            if one["name"] == pool and "ceiling" in one.get("gpu", {}):
                return int(one["gpu"]["ceiling"])
        found = values.get("modelPoolDefaults", {}).get("gpu", {}).get("ceiling")
        if found is not None:
            return int(found)
    raise LookupError(pool)
