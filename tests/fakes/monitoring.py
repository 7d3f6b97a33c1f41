"""What stands in monitoring/, and what there is to be watched."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.video.job_store import JOBS, VideoMetrics
from tests.running_system import ROOT

FOLDER = ROOT / "monitoring"
RULES = FOLDER / "rules.yml"
DASHBOARD = FOLDER / "dashboards" / "mien.json"
BINARIES = ROOT / "build" / "tools" / "prometheus" / "usr" / "bin"

# The scraper adds these to whatever it scrapes; outside a cluster not all of them.
TARGET_LABELS = {"namespace", "pod", "job", "instance"}

_HPA, _DEPLOYMENT = {"horizontalpodautoscaler"}, {"deployment"}
# Who exports them: TorchServe, the official TensorFlow Serving, NVIDIA's DCGM exporter,
# kube-state-metrics, Prometheus itself.
FOREIGN: dict[str, set[str]] = {
    "ts_inference_requests_total": {"model_name", "model_version", "hostname"},
    ":tensorflow:serving:request_count": {"model_name", "status"},
    "DCGM_FI_DEV_GPU_UTIL": {"gpu", "UUID", "Hostname", "modelName", "container"},
    "kube_deployment_spec_replicas": _DEPLOYMENT,
    "kube_deployment_status_replicas_available": _DEPLOYMENT,
    "kube_horizontalpodautoscaler_spec_max_replicas": _HPA,
    "kube_horizontalpodautoscaler_status_current_replicas": _HPA,
    "ALERTS": {"alertname", "alertstate", "severity"},
}


def rules() -> list[dict[str, Any]]:
    """Every rule of every group."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts by their names."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def panels() -> list[dict[str, Any]]:
    """The dashboard's panels, without the rows' titles."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression, with where it stands."""
    for rule in rules():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for note in dashboard["annotations"]["list"]:
        yield f"annotation {note['name']}", note["expr"]


def exported() -> dict[str, set[str]]:
    """The series that a gateway has, with their labels."""
    found: dict[str, set[str]] = {}
    metrics = Metrics()
    for collector in metrics.registry._collector_to_names:
        kind, labels = collector._type, set(collector._labelnames)  # type: ignore[attr-defined]
        name = collector._name  # type: ignore[attr-defined]
        if kind == "counter":
            found[f"{name}_total"] = labels
        elif kind == "histogram":
            found |= {f"{name}_sum": labels, f"{name}_count": labels}
            found[f"{name}_bucket"] = labels | {"le"}
        else:
            found[name] = labels
    videos = CollectorRegistry()
    VideoMetrics(videos).totals = {f"{JOBS}SUCCEEDED": 1}
    for family in videos.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def recorded() -> dict[str, set[str]]:
    """What the rules compute beforehand: one series per namespace each."""
    return {rule["record"]: set() for rule in rules() if "record" in rule}


def tool(name: str) -> Path:
    """A program of Debian's package `prometheus`; skips the test where it is missing."""
    found = shutil.which(name, path=os.pathsep.join([str(BINARIES), os.environ.get("PATH", "")]))
    if not found:
        pytest.skip(f"{name} is missing: `make promtool` fetches it on Debian and Ubuntu")
    return Path(found)
