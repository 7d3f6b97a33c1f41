"""Pods get what they need to run, and nothing else: Pod Security Standards, "restricted"."""

import re
from collections.abc import Iterator

from tests.k8s.rendering import Manifest, Rendering, Workload, name_of

_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_SECCOMP = {"RuntimeDefault", "Localhost"}
_SECRET_WORDS = re.compile(
    r"password|passwd|secret|token|cache_key|private_key|credential", re.IGNORECASE
)
_URL_WITH_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@$]+@")


def pod_security(rendering: Rendering) -> Iterator[str]:
    """The standard's profile "restricted", for the containers that run first as well."""
    for workload in rendering.workloads:
        yield from (f"{workload}: {text}" for text in _pod_findings(workload))
        for container in workload.all_containers:
            for text in _container_findings(container, workload.pod.get("securityContext", {})):
                yield f"{workload} {container['name']}: {text}"


def _pod_findings(workload: Workload) -> Iterator[str]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if workload.pod.get(key):
            yield f"{key} is on"
    for volume in workload.pod.get("volumes", []):
        if kinds := volume.keys() - {"name"} - _VOLUMES:
            yield f"volume {volume['name']} is a {kinds.pop()}"


def _container_findings(container: Manifest, pod: Manifest) -> Iterator[str]:
    own = container.get("securityContext", {})
    both = {**pod, **own}
    if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
        yield "may run as root"
    if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
        yield "may gain privileges"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []) or capabilities.get("add"):
        yield "keeps capabilities"
    if both.get("seccompProfile", {}).get("type") not in _SECCOMP:
        yield "has no seccomp profile"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "takes a port of the host"


def read_only_root(rendering: Rendering) -> Iterator[str]:
    """Nothing is written but to volumes."""
    for workload in rendering.workloads:
        for container in workload.all_containers:
            if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                yield f"{workload} {container['name']}: its root file system can be written"


def no_cluster_access(rendering: Rendering) -> Iterator[str]:
    """No pod of ours talks to the API server, so none has a token, nor any right."""
    for workload in rendering.workloads:
        if workload.pod.get("automountServiceAccountToken") is not False:
            yield f"{workload}: gets a token of its service account"
    for account in rendering.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"{name_of(account)}: hands its token to pods"
    for manifest in rendering.of("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        yield f"{name_of(manifest)}: nothing of ours needs rights in the cluster"


def images_are_named(rendering: Rendering) -> Iterator[str]:
    """Each image has a tag that stays, or a digest."""
    for workload in rendering.workloads:
        for container in workload.all_containers:
            image = container.get("image", "")
            _, _, tag = image.rpartition("/")[2].partition(":")
            if "@sha256:" not in image and (not tag or tag.startswith("latest")):
                yield f"{workload} {container['name']}: image {image!r} can become another one"


def secrets_stay_secret(rendering: Rendering) -> Iterator[str]:
    """What is secret stands in a Secret, never in a ConfigMap, a value or an argument."""
    for workload in rendering.workloads:
        for container in workload.all_containers:
            for variable in container.get("env", []):
                if _tells_a_secret(variable["name"], variable.get("value", "")):
                    yield f"{workload} {container['name']}: {variable['name']} is there to read"
            for argument in [*container.get("command", []), *container.get("args", [])]:
                if _URL_WITH_PASSWORD.search(argument):
                    yield f"{workload} {container['name']}: a password in its command line"
    for config in rendering.of("ConfigMap"):
        for key, value in config.get("data", {}).items():
            if _tells_a_secret(key, value):
                yield f"{name_of(config)}: {key} belongs into a Secret"


def _tells_a_secret(name: str, value: str) -> bool:
    """Whether a value gives away what its name or its form promises; a file's path does not."""
    named = _SECRET_WORDS.search(name) and not name.lower().endswith(("_file", ".lua", ".conf"))
    return bool((named and value) or _URL_WITH_PASSWORD.search(value))
