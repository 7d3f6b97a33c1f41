"""Autoscalers look at figures that exist."""

import re
from collections.abc import Iterator
from functools import cache

import yaml
from prometheus_client import CollectorRegistry

from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.video.job_store import VideoMetrics
from tests.k8s.rendering import Manifest, Rendering, name_of
from tests.k8s.rules.scaling import SCALERS, metrics

_NAME = re.compile(r"mien_\w+")
_PART = re.compile(r'part="([^"]*)"')
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
# An adapter computes it, as the chart's README shows; no service exports it.
ADAPTED = {"mien_gateway_part_duration_p95_seconds"}


def known_metrics(rendering: Rendering) -> Iterator[str]:
    """What an autoscaler asks for is exported, of a part that is there."""
    parts = {"face-detector"}
    for config in rendering.of("ConfigMap"):
        if "pools.yaml" in config["data"]:
            parts |= {
                pool["name"] for pool in yaml.safe_load(config["data"]["pools.yaml"])["pools"]
            }
    for scaler in rendering.of(*SCALERS):
        for name, part in _asked(scaler):
            if name not in exported() | ADAPTED:
                yield f"{name_of(scaler)}: nothing exports {name}"
            if part is not None and part not in parts:
                yield f"{name_of(scaler)}: there is no part {part}"


def _asked(scaler: Manifest) -> Iterator[tuple[str, str | None]]:
    """Return the names of our metrics that it asks for, each with its part."""
    for metric in metrics(scaler):
        query = metric.get("metadata", {}).get("query", "")
        part = _PART.search(query)
        for name in _NAME.findall(query):
            yield name, part[1] if part else None
        for kind in ("pods", "external"):
            asked = metric.get(kind, {}).get("metric", {})
            if asked.get("name", "").startswith("mien_"):
                yield asked["name"], asked.get("selector", {}).get("matchLabels", {}).get("part")


@cache
def exported() -> set[str]:
    """Return the names of all series that a gateway has."""
    videos = CollectorRegistry()
    VideoMetrics(videos)
    families = [*Metrics().registry.collect(), *videos.collect()]
    return {f"{family.name}{suffix}" for family in families for suffix in _SUFFIXES[family.type]}


def fallback(rendering: Rendering) -> Iterator[str]:
    """While Prometheus is away KEDA keeps the pods that it is told to, within the bounds.

    It can only where one trigger is an average per pod.
    """
    for scaler in rendering.of("ScaledObject"):
        kept = scaler["spec"].get("fallback")
        if kept is None:
            continue
        if kept["replicas"] > scaler["spec"].get("maxReplicaCount", 100):
            yield f"{name_of(scaler)}: falls back to more than its most"
        kinds = {trigger.get("metricType", "AverageValue") for trigger in metrics(scaler)}
        if "AverageValue" not in kinds:
            yield f"{name_of(scaler)}: no trigger allows to fall back"
