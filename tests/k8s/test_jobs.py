"""Jobs beside the release are held like the pods of the release."""

import pytest

from k8s.render import MANIFESTS
from tests.k8s.policies import RULES
from tests.k8s.programs import NEWEST, VERSIONS, job_folders, kustomized
from tests.k8s.rendering import Rendering

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


@pytest.mark.parametrize("rule", HELD)
def test_the_rule_holds_for_jobs(rule: str) -> None:
    """In the namespace of the release, beside it."""
    release = kustomized(MANIFESTS)
    jobs = [one for folder in job_folders() for one in kustomized(folder)]
    assert jobs
    for kubernetes in (VERSIONS[0], NEWEST):
        before = set(RULES[rule](Rendering("release", kubernetes, release)))
        after = set(RULES[rule](Rendering("jobs", kubernetes, release + jobs)))
        assert not after - before, "\n".join(sorted(after - before))
