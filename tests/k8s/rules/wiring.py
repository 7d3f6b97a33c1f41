"""Objects find each other: labels, selectors, ports, names."""

from collections import Counter
from collections.abc import Iterator

from tests.k8s.rendering import Manifest, Rendering, Workload, name_of

_LABELS = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "managed-by", "version")}
_CHANGING = {"app.kubernetes.io/version", "helm.sh/chart", "app.kubernetes.io/managed-by"}
_GRPC_PORTS = {50051, 7070, 8500}
# TorchServe's two ways to load any code; and nothing but Prometheus asks for metrics.
_PRIVATE_PORTS = {7071, 8081}


def labels(rendering: Rendering) -> Iterator[str]:
    """Every object carries the recommended labels, every pod says which part it is."""
    for manifest in rendering.objects:
        own = manifest["metadata"].get("labels", {})
        if missing := (_LABELS | {"helm.sh/chart"}) - own.keys():
            yield f"{name_of(manifest)}: lacks {', '.join(sorted(missing))}"
    for workload in rendering.workloads:
        if "app.kubernetes.io/component" not in workload.labels:
            yield f"{workload}: its pods do not say which part they are"


def names(rendering: Rendering) -> Iterator[str]:
    """No two objects of a kind share a name; none is too long."""
    for name, count in Counter(map(name_of, rendering.objects)).items():
        if count > 1:
            yield f"{name}: there are {count}"
        if len(name.partition("/")[2]) > 63:
            yield f"{name}: longer than 63 characters"


def selectors(rendering: Rendering) -> Iterator[str]:
    """A workload selects its own pods and no other's, by labels that never change."""
    for workload in rendering.workloads:
        if not workload.stays:
            continue
        selector = workload.manifest["spec"]["selector"].get("matchLabels", {})
        if not selector or not selector.items() <= workload.labels.items():
            yield f"{workload}: does not select its own pods"
        if changing := selector.keys() & _CHANGING:
            yield f"{workload}: selects by {changing.pop()}, so it cannot be updated"
        if others := [str(one) for one in rendering.behind(selector) if str(one) != str(workload)]:
            yield f"{workload}: selects the pods of {', '.join(others)} too"


def services(rendering: Rendering) -> Iterator[str]:
    """A Service leads to the pods of one part, at ports that they listen on."""
    for service in rendering.of("Service"):
        selector = service["spec"].get("selector", {})
        behind = rendering.behind(selector) if selector else []
        if len(behind) != 1:
            yield f"{name_of(service)}: leads to {[str(one) for one in behind]}"
        for port in service["spec"]["ports"] if len(behind) == 1 else []:
            if _number(port, behind[0]) is None:
                yield f"{name_of(service)}: nobody listens on {target_port(port)}"


def private_ports(rendering: Rendering) -> Iterator[str]:
    """TorchServe's management is reached by no Service and by no declared port."""
    for service in rendering.of("Service"):
        for port in service["spec"]["ports"]:
            if {port["port"], port.get("targetPort")} & _PRIVATE_PORTS:
                yield f"{name_of(service)}: opens port {port['port']}"
        if service["spec"].get("type", "ClusterIP") in {"NodePort", "LoadBalancer"}:
            yield f"{name_of(service)}: reachable from outside, past ingress and its TLS"
    for workload in rendering.workloads:
        if found := set(workload.ports.values()) & _PRIVATE_PORTS:
            yield f"{workload}: declares port {found.pop()}"


def headless(rendering: Rendering) -> Iterator[str]:
    """A gRPC connection is kept, so callers must see each pod's own address.

    But for a pool that sleeps, which has a second Service: a name without addresses is hardly
    ever looked up.
    """
    services = rendering.of("Service")
    by_pod = [one["spec"]["selector"] for one in services if _is_headless(one)]
    for service in services:
        selector = service["spec"].get("selector", {})
        if name_of(service).endswith("-wake") and selector in by_pod:
            continue
        behind = rendering.behind(selector)
        for port in service["spec"]["ports"] if behind else []:
            if _number(port, behind[0]) in _GRPC_PORTS and not _is_headless(service):
                yield f"{name_of(service)}: all calls of a connection go to one pod"


def _is_headless(service: Manifest) -> bool:
    return bool(service["spec"].get("clusterIP") == "None")


def target_port(port: Manifest) -> str | int:
    """Return the container's port that a Service's port names."""
    named: str | int = port["targetPort"] if "targetPort" in port else port["port"]
    return named


def _number(port: Manifest, workload: Workload) -> int | None:
    """Return the container's port that a Service's port leads to, if there is one."""
    target = target_port(port)
    if isinstance(target, str):
        return workload.ports.get(target)
    return target if target in workload.ports.values() else None


def references(rendering: Rendering) -> Iterator[str]:
    """Every ConfigMap and account that a pod names is there, every volume is mounted."""
    present = {name_of(manifest) for manifest in rendering.objects} | {"ServiceAccount/default"}
    for workload in rendering.workloads:
        for needed in sorted(set(_needed(workload)) - present):
            yield f"{workload}: names {needed}, which is not there"
        mounts = {
            mount["name"]
            for container in workload.all_containers
            for mount in container.get("volumeMounts", [])
        }
        claims = workload.manifest["spec"].get("volumeClaimTemplates", [])
        volumes = {volume["name"] for volume in workload.pod.get("volumes", [])}
        volumes |= {claim["metadata"]["name"] for claim in claims}
        if mounts != volumes:
            yield f"{workload}: mounts and volumes differ by {sorted(mounts ^ volumes)}"


def _needed(workload: Workload) -> Iterator[str]:
    if account := workload.pod.get("serviceAccountName"):
        yield f"ServiceAccount/{account}"
    sources: list[Manifest] = [
        source
        for volume in workload.pod.get("volumes", [])
        for source in [volume, *volume.get("projected", {}).get("sources", [])]
    ]
    for container in workload.all_containers:
        sources += container.get("envFrom", [])
        sources += [variable.get("valueFrom", {}) for variable in container.get("env", [])]
    for source in sources:
        for key in ("configMap", "configMapRef", "configMapKeyRef"):
            if key in source:
                yield f"ConfigMap/{source[key]['name']}"
