"""Files that settings name are files that the pod has."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.k8s.rendering import Manifest, Rendering, Workload
from tests.k8s.rules.settings import environment

_BAKED = PurePosixPath("/models")


def paths(rendering: Rendering) -> Iterator[str]:
    """A path in a setting or a flag lies in a volume, or where the image has its models."""
    keys = {
        config["metadata"]["name"]: config["data"].keys() for config in rendering.of("ConfigMap")
    }
    for workload in rendering.workloads:
        for container in workload.all_containers:
            for path in sorted(_named(rendering, container)):
                if fault := _fault(PurePosixPath(path), workload, container, keys):
                    yield f"{workload} {container['name']}: {path} {fault}"


def _named(rendering: Rendering, container: Manifest) -> set[str]:
    given = environment(rendering, container)
    values = [value for name, value in given.items() if name.startswith("MIEN_")]
    flags = [argument.partition("=")[2] for argument in container.get("args", [])]
    return {text for text in values + flags if text.startswith("/")}


def _fault(
    path: PurePosixPath, workload: Workload, container: Manifest, keys: Manifest
) -> str | None:
    mounts = {
        PurePosixPath(mount["mountPath"]): mount for mount in container.get("volumeMounts", [])
    }
    place = next((one for one in [path, *path.parents] if one in mounts), None)
    if place is None:
        return None if path.is_relative_to(_BAKED) else "is in no volume"
    volume = next(one for one in workload.pod["volumes"] if one["name"] == mounts[place]["name"])
    wanted = mounts[place].get("subPath") or (path.relative_to(place).parts or ("",))[0]
    present = _files(volume, keys)
    return f"is not in {volume['name']}" if present is not None and wanted not in present else None


def _files(volume: Manifest, keys: Manifest) -> set[str] | None:
    """Return a volume's files, where that can be known."""
    sources = volume.get("projected", {}).get("sources", [volume])
    found: set[str] = set()
    for source in sources:
        if "configMap" not in source:
            return None
        listed = source["configMap"].get("items")
        whole = keys.get(source["configMap"]["name"], [])
        found |= {item["path"] for item in listed} if listed else set(whole)
    return found
