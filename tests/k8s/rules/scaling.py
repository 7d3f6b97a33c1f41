"""One autoscaler per part, and never more pods than there are GPUs."""

from collections import Counter
from collections.abc import Iterator

from tests.k8s.rendering import Manifest, Rendering, name_of

SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def target(scaler: Manifest) -> str:
    """Return what an autoscaler scales."""
    reference = scaler["spec"]["scaleTargetRef"]
    return f"{reference.get('kind', 'Deployment')}/{reference['name']}"


def one_scaler(rendering: Rendering) -> Iterator[str]:
    """Two autoscalers on one part would fight; one on nothing does nothing."""
    names = {str(workload) for workload in rendering.workloads}
    for scaled, count in Counter(map(target, rendering.of(*SCALERS))).items():
        if count > 1:
            yield f"{scaled}: {count} autoscalers"
        if scaled not in names:
            yield f"{scaled}: is scaled, but is not there"


def replicas(rendering: Rendering) -> Iterator[str]:
    """A number of replicas is there if, and only if, nobody else decides it."""
    scaled = set(map(target, rendering.of(*SCALERS)))
    for workload in rendering.workloads:
        if workload.stays and (str(workload) in scaled) == (
            "replicas" in workload.manifest["spec"]
        ):
            yield f"{workload}: replicas " + (
                "undo the autoscaler at each update" if str(workload) in scaled else "are not set"
            )


def bounds(rendering: Rendering) -> Iterator[str]:
    """An autoscaler's least is not above its most; only KEDA can scale to nothing."""
    for scaler in rendering.of(*SCALERS):
        least, most = limits(scaler)
        if most is None or most < least:
            yield f"{name_of(scaler)}: from {least} to {most}"
        if least == 0 and scaler["kind"] != "ScaledObject":
            yield f"{name_of(scaler)}: from 0 is KEDA's alone"
        if not metrics(scaler):
            yield f"{name_of(scaler)}: looks at nothing"


def limits(scaler: Manifest) -> tuple[int, int | None]:
    """Return the least and the most replicas."""
    spec = scaler["spec"]
    if scaler["kind"] == "ScaledObject":
        return spec.get("minReplicaCount", 0), spec.get("maxReplicaCount")
    return spec.get("minReplicas", 1), spec.get("maxReplicas")


def metrics(scaler: Manifest) -> list[Manifest]:
    """Return what an autoscaler looks at."""
    return list(
        scaler["spec"].get("triggers" if scaler["kind"] == "ScaledObject" else "metrics", [])
    )


def behaviour(rendering: Rendering) -> Iterator[str]:
    """Scaling down waits, so that a short lull costs no start of a model server."""
    for scaler in rendering.of(*SCALERS):
        spec = scaler["spec"]
        if scaler["kind"] == "ScaledObject":
            spec = spec.get("advanced", {}).get("horizontalPodAutoscalerConfig", {})
        down = spec.get("behavior", {}).get("scaleDown", {})
        if down.get("stabilizationWindowSeconds", 0) < 60 or not down.get("policies"):
            yield f"{name_of(scaler)}: nothing bounds scaling down"
