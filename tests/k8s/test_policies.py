"""Whatever the values, every rule holds for every object."""

import pytest

from tests.k8s.policies import RULES
from tests.k8s.programs import CASES, VERSIONS, rendering
from tests.k8s.report import Report


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("case", CASES)
def test_the_rule_holds(rule: str, case: str, report: Report) -> None:
    """On the oldest and on the newest Kubernetes; those between differ in nothing."""
    report.rules[rule] = " ".join((RULES[rule].__doc__ or "").split()).removesuffix(".")
    for kubernetes in (VERSIONS[0], VERSIONS[-1]):
        found = list(RULES[rule](rendering(case, kubernetes)))
        assert not found, "\n".join(found)
