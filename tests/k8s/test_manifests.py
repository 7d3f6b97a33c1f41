"""k8s/manifests is the chart, rendered; kubectl takes it as it is."""

import pytest
import yaml

from k8s.render import MANIFESTS, NAMESPACE, VALUES, manifests
from tests.k8s.programs import HELMS, program, run
from tests.k8s.rendering import parse

FILES = sorted(path.name for path in MANIFESTS.glob("*.yaml") if path not in VALUES)


@pytest.mark.parametrize("helm", HELMS)
def test_the_manifests_are_the_chart_of_today(helm: str) -> None:
    """`make manifests` makes them so."""
    made = manifests(program(helm))
    assert sorted(made) == FILES
    for name, text in made.items():
        assert (MANIFESTS / name).read_text(encoding="utf-8") == text, f"{name}: make manifests"


def test_kubectl_builds_every_object_into_one_namespace() -> None:
    """Nothing is forgotten in the kustomization, and nothing lies elsewhere."""
    done = run("kubectl", "kustomize", MANIFESTS)
    assert done.returncode == 0, done.stderr
    built = parse(done.stdout)
    written = [
        document
        for name in FILES
        if name != "kustomization.yaml"
        for document in parse((MANIFESTS / name).read_text(encoding="utf-8"))
    ]
    assert len(built) == len(written) > 0
    for manifest in built:
        namespace = manifest["metadata"].get("namespace")
        assert namespace == (None if manifest["kind"] == "Namespace" else NAMESPACE)


def test_the_namespace_refuses_lax_pods() -> None:
    """By the label that Pod Security admission reads."""
    namespace = yaml.safe_load((MANIFESTS / "namespace.yaml").read_text(encoding="utf-8"))
    labels = namespace["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_they_need_nothing_that_a_plain_cluster_lacks() -> None:
    """No secret is written down, and no kind comes from elsewhere."""
    for name in FILES:
        for document in parse((MANIFESTS / name).read_text(encoding="utf-8")):
            assert document["kind"] != "Secret"
            group = document["apiVersion"].rpartition("/")[0]
            assert "." not in group or group.endswith(".k8s.io") or name == "kustomization.yaml"
