"""Pods start, are watched, are replaced and end without a failed request."""

import re
from collections.abc import Iterator

from tests.k8s.rendering import Manifest, Rendering, Workload
from tests.k8s.rules.settings import drain_seconds

# What tells of the process alone; /readyz asks the other parts, too.
_ALIVE_PATHS = {"/healthz", "/ping"}
_ROOM_SECONDS = 5
_LEAST_PRE_STOP_SECONDS = 5
_UNITS = {"": 1, "m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def probes(rendering: Rendering) -> Iterator[str]:
    """What serves has all three; being alive never depends on another part."""
    for workload in rendering.workloads:
        for container in workload.containers if workload.serves else []:
            if not container.get("ports"):
                continue
            for name in ("startupProbe", "readinessProbe", "livenessProbe"):
                if name not in container:
                    yield f"{workload} {container['name']}: no {name}"
            yield from _liveness_findings(workload, container)


def _liveness_findings(workload: Workload, container: Manifest) -> Iterator[str]:
    alive = container.get("livenessProbe", {})
    path = alive.get("httpGet", {}).get("path")
    if path is not None and path not in _ALIVE_PATHS:
        yield f"{workload} {container['name']}: liveness asks {path}, which others decide"
    if alive.get("grpc", {}).get("service"):
        yield f"{workload} {container['name']}: liveness asks for more than the process"
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        for handler in ("httpGet", "tcpSocket", "grpc"):
            port = container.get(name, {}).get(handler, {}).get("port")
            if port is not None and port not in {*workload.ports, *workload.ports.values()}:
                yield f"{workload} {container['name']}: {name} asks port {port}, which it lacks"


def grace(rendering: Rendering) -> Iterator[str]:
    """A pod that others stand in for waits until nobody calls it, and ends what it began."""
    for workload in rendering.workloads:
        if not workload.stays:
            continue
        period = workload.pod.get("terminationGracePeriodSeconds", 30)
        many = workload.serves and workload.manifest["kind"] == "Deployment"
        for container in workload.containers:
            sleep = pre_stop_seconds(container)
            if many and container.get("ports") and sleep < _LEAST_PRE_STOP_SECONDS:
                yield f"{workload} {container['name']}: stops while it is still called"
            needed = sleep + drain_seconds(rendering, container) + _ROOM_SECONDS
            if period < needed:
                yield f"{workload} {container['name']}: killed at {period} s, needs {needed:g} s"


def pre_stop_seconds(container: Manifest) -> float:
    """Return how long a container goes on after it was told to stop, before SIGTERM."""
    handler = container.get("lifecycle", {}).get("preStop", {})
    if "sleep" in handler:
        return float(handler["sleep"]["seconds"])
    found = re.search(r"sleep\W+(\d+)", " ".join(handler.get("exec", {}).get("command", [])))
    return float(found[1]) if found else 0


def resources(rendering: Rendering) -> Iterator[str]:
    """Each container asks for CPU and memory; memory is held to that, CPU is not."""
    for workload in rendering.workloads:
        for container in workload.all_containers:
            given = container.get("resources", {})
            requests, limits = given.get("requests", {}), given.get("limits", {})
            if not {"cpu", "memory"} <= requests.keys():
                yield f"{workload} {container['name']}: asks for no CPU or no memory"
            elif requests["memory"] != limits.get("memory"):
                yield f"{workload} {container['name']}: memory limit is not the request"
            if "cpu" in limits:
                yield f"{workload} {container['name']}: a CPU limit, which costs latency"


def scratch_space(rendering: Rendering) -> Iterator[str]:
    """Scratch space is bounded, and a pod may fill all of its own before it is put out for it."""
    for workload in rendering.workloads:
        volumes = [
            (volume["name"], volume["emptyDir"])
            for volume in workload.pod.get("volumes", [])
            if "emptyDir" in volume
        ]
        yield from (
            f"{workload}: {name} may fill the node"
            for name, scratch in volumes
            if "sizeLimit" not in scratch
        )
        for resource, medium in (("memory", "Memory"), ("ephemeral-storage", "")):
            taken = sum(
                _amount(scratch.get("sizeLimit", 0))
                for _, scratch in volumes
                if scratch.get("medium", "") == medium
            )
            limits = [one["resources"].get("limits", {}) for one in workload.containers]
            given = [_amount(limit[resource]) for limit in limits if resource in limit]
            if given and taken > sum(given):
                yield f"{workload}: its volumes may take more {resource} than the pod may"


def _amount(text: str | int) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text)).groups()  # type: ignore[union-attr]  # the schema has seen it
    return float(number) * _UNITS[unit]


def updates(rendering: Rendering) -> Iterator[str]:
    """A new version takes no pod away before another one serves, unless GPUs are scarce."""
    for workload in rendering.workloads:
        if workload.manifest["kind"] != "Deployment" or not workload.serves:
            continue
        strategy = workload.manifest["spec"].get("strategy", {})
        rolling = strategy.get("rollingUpdate", {})
        if workload.gpus and rolling.get("maxSurge") == 0 and rolling.get("maxUnavailable") == 1:
            continue
        if rolling.get("maxUnavailable") != 0 or rolling.get("maxSurge") in (0, None):
            yield f"{workload}: an update takes pods away first ({strategy or 'the default'})"


def disruptions(rendering: Rendering) -> Iterator[str]:
    """Nodes that are emptied leave one pod of each serving Deployment, and can be emptied."""
    budgets = rendering.of("PodDisruptionBudget")
    for workload in rendering.workloads:
        own = [budget for budget in budgets if _selects(budget, workload)]
        if workload.serves and workload.manifest["kind"] == "Deployment" and len(own) != 1:
            yield f"{workload}: {len(own)} disruption budgets instead of one"
        for budget in own:
            if budget["spec"].get("maxUnavailable") == 0:
                yield f"{workload}: its node can never be emptied"


def _selects(manifest: Manifest, workload: Workload) -> bool:
    selector = manifest["spec"]["selector"].get("matchLabels", {})
    return bool(selector) and selector.items() <= workload.labels.items()


def spread(rendering: Rendering) -> Iterator[str]:
    """The pods of a serving Deployment prefer different nodes, counted among themselves."""
    for workload in rendering.workloads:
        if not workload.serves or workload.manifest["kind"] != "Deployment":
            continue
        constraints = workload.pod.get("topologySpreadConstraints", [])
        if "kubernetes.io/hostname" not in {one["topologyKey"] for one in constraints}:
            yield f"{workload}: may have all its pods on one node"
        for one in constraints:
            selector = one.get("labelSelector", {}).get("matchLabels", {})
            if not selector or not selector.items() <= workload.labels.items():
                yield f"{workload}: counts other pods than its own"


def understood(rendering: Rendering) -> Iterator[str]:
    """No field is used before Kubernetes looks at it without being told to."""
    minor = int(rendering.kubernetes.split(".")[1])
    for workload in rendering.workloads:
        for container in workload.containers:
            if "sleep" in container.get("lifecycle", {}).get("preStop", {}) and minor < 30:
                yield f"{workload} {container['name']}: preStop sleep counts from 1.30 on"
    for service in rendering.of("Service"):
        if "trafficDistribution" in service["spec"] and minor < 31:
            yield f"Service/{service['metadata']['name']}: trafficDistribution, from 1.31 on"
