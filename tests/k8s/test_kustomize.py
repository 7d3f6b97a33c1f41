"""`kubectl apply -k k8s/manifests` brings what the chart brings."""

from pathlib import Path
from typing import Any

import pytest

from k8s.render import MANIFESTS, NAMESPACE, OLDEST, RELEASE, VALUES
from tests.k8s.custom import faults
from tests.k8s.programs import CHART, VERSIONS, job_folders, kustomized, run
from tests.k8s.rendering import Manifest, name_of, parse

HELMS_OWN = "helm.sh/chart"


def test_kustomize_brings_what_helm_installs() -> None:
    """Every object, in its namespace, but for what helm says of itself."""
    values = [f"--values={path}" for path in VALUES]
    options = ["--no-hooks", f"--kube-version={OLDEST}", f"--namespace={NAMESPACE}", *values]
    installed = parse(run("helm4", "template", RELEASE, CHART, *options).stdout)
    applied = by_name(kustomized(MANIFESTS))
    assert applied.pop(f"Namespace/{NAMESPACE}")
    assert applied == by_name([without_helm(one) for one in installed])


@pytest.mark.parametrize("folder", [MANIFESTS, *job_folders()], ids=lambda folder: folder.name)
def test_what_is_applied_is_valid(folder: Path) -> None:
    """For every version."""
    objects = kustomized(folder)
    assert objects
    found = [fault for version in VERSIONS for fault in faults(objects, version)]
    assert not found, "\n".join(found)


def by_name(objects: list[Manifest]) -> dict[str, Manifest]:
    """Return objects by kind and name."""
    return {name_of(one): one for one in objects}


def without_helm(manifest: Manifest) -> Manifest:
    """Return an object as if helm had not made it, in the namespace of the manifests."""
    changed: Manifest = unlabelled(manifest)
    cluster_wide = changed["kind"] in {"PriorityClass", "Namespace"}
    own = {} if cluster_wide else {"namespace": NAMESPACE}
    return {**changed, "metadata": {**changed["metadata"], **own}}


def unlabelled(value: Any) -> Any:
    """Return a value whose labels tell of kustomize."""
    if isinstance(value, list):
        return [unlabelled(one) for one in value]
    if not isinstance(value, dict):
        return "kustomize" if value == "Helm" else value
    return {key: unlabelled(one) for key, one in value.items() if key != HELMS_OWN}
