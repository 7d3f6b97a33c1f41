"""Jobs beside the release are held like the pods of the release."""

from pathlib import Path

import pytest

from tests.k8s.policies import RULES
from tests.k8s.programs import NEWEST, ROOT, VERSIONS
from tests.k8s.rendering import Manifest, Rendering, parse

JOBS = ROOT / "k8s" / "jobs"
RELEASE = ROOT / "k8s" / "manifests"
# The others are about what serves, and about objects that helm makes.
HELD = (
    "pod_security",
    "read_only_root",
    "no_cluster_access",
    "images_are_named",
    "secrets_stay_secret",
    "resources",
    "scratch_space",
    "understood",
    "default_deny",
    "policy_ports",
    "names",
    "selectors",
    "services",
    "references",
    "known_settings",
    "substitutions",
)


def objects(folder: Path) -> list[Manifest]:
    """Return everything that a folder's files hold, but for what is kustomize's own."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))]
    found = [one for text in texts for one in parse(text) if "kind" in one]
    return [one for one in found if not one["apiVersion"].startswith("kustomize.")]


@pytest.mark.skipif(not JOBS.exists(), reason="k8s/jobs is not there yet")
@pytest.mark.parametrize("rule", HELD)
def test_the_rule_holds_for_jobs(rule: str) -> None:
    """In the namespace of the release, beside it."""
    release, jobs = objects(RELEASE), objects(JOBS)
    assert jobs
    for kubernetes in (VERSIONS[0], NEWEST):
        before = set(RULES[rule](Rendering("release", kubernetes, release)))
        after = set(RULES[rule](Rendering("jobs", kubernetes, release + jobs)))
        assert not after - before, "\n".join(sorted(after - before))
