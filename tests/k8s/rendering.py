"""What the chart came to, with the views that the rules need."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Manifest = dict[str, Any]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SERVING = ("Deployment", "StatefulSet")
_TEMPLATED = (*_SERVING, "DaemonSet", "Job")


@dataclass(frozen=True)
class Workload:
    """An object that brings pods."""

    manifest: Manifest
    template: Manifest
    """Their metadata and specification."""

    def __str__(self) -> str:
        return name_of(self.manifest)

    @property
    def component(self) -> str:
        """Which part of the system it is; a pool of model servers has a name of its own."""
        named = self.labels.get("mien/pool") or self.labels.get("app.kubernetes.io/component")
        return named or str(self)

    @property
    def labels(self) -> dict[str, str]:
        """Those of its pods."""
        return dict(self.template.get("metadata", {}).get("labels", {}))

    @property
    def pod(self) -> Manifest:
        """The specification of its pods."""
        return dict(self.template["spec"])

    @property
    def containers(self) -> list[Manifest]:
        """Those that run as long as the pod."""
        return list(self.pod["containers"])

    @property
    def all_containers(self) -> list[Manifest]:
        """Those that run before, too."""
        return [*self.pod.get("initContainers", []), *self.containers]

    @property
    def ports(self) -> dict[str, int]:
        """What its containers listen on, by name."""
        return {
            port.get("name", str(port["containerPort"])): port["containerPort"]
            for container in self.all_containers
            for port in container.get("ports", [])
        }

    @property
    def serves(self) -> bool:
        """Whether others call it, for as long as it runs."""
        return self.manifest["kind"] in _SERVING and bool(self.ports)

    @property
    def stays(self) -> bool:
        """Whether it runs until it is told to stop."""
        return self.manifest["kind"] in _SERVING

    @property
    def gpus(self) -> bool:
        """Whether a pod takes a GPU or a slice of one."""
        return any(
            resource.startswith("nvidia.com/")
            for container in self.containers
            for resource in container.get("resources", {}).get("limits", {})
        )


@dataclass(frozen=True)
class Rendering:
    """All objects of one release."""

    case: str
    kubernetes: str
    objects: list[Manifest]

    def of(self, *kinds: str) -> list[Manifest]:
        """Return the objects of some kinds."""
        return [manifest for manifest in self.objects if manifest["kind"] in kinds]

    @property
    def workloads(self) -> list[Workload]:
        """Everything that brings pods."""
        return list(self._workloads())

    def _workloads(self) -> Iterator[Workload]:
        for manifest in self.objects:
            if manifest["kind"] in _TEMPLATED:
                yield Workload(manifest, manifest["spec"]["template"])
            elif manifest["kind"] == "CronJob":
                yield Workload(manifest, manifest["spec"]["jobTemplate"]["spec"]["template"])
            elif manifest["kind"] == "Pod":
                yield Workload(manifest, manifest)

    def behind(self, selector: dict[str, str]) -> list[Workload]:
        """Return the workloads whose pods carry all these labels."""
        return [one for one in self.workloads if selector.items() <= one.labels.items()]


def parse(text: str) -> list[Manifest]:
    """Return the objects of a stream of YAML documents."""
    return [document for document in yaml.load_all(text, Loader=_Loader) if document]


def name_of(manifest: Manifest) -> str:
    """Return what a finding calls an object."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def is_test(manifest: Manifest) -> bool:
    """Whether only `helm test` creates it."""
    annotations = manifest["metadata"].get("annotations", {})
    return "test" in annotations.get("helm.sh/hook", "")
