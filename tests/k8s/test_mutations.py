"""No rule is one that cannot fail: each finds what is broken, and no other rule objects."""

import copy

import pytest

from tests.k8s.mutations import MUTATIONS, Mutation
from tests.k8s.policies import RULES, findings
from tests.k8s.programs import NEWEST, VERSIONS, rendering
from tests.k8s.rendering import Rendering
from tests.k8s.report import Report

CASE = "test-everything"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_what_is_broken_is_found(mutation: Mutation, report: Report) -> None:
    """By the rule that is about it, and by no other."""
    kubernetes = VERSIONS[0] if mutation.rule == "understood" else NEWEST
    objects = copy.deepcopy(rendering(CASE, kubernetes).objects)
    mutation.apply(objects)
    report.mutations += 1
    found = findings(Rendering(CASE, kubernetes, objects))
    assert set(found) == {mutation.rule, mutation.also} - {None}


def test_every_rule_is_shown_to_fail() -> None:
    """One that is not could be empty."""
    assert {mutation.rule for mutation in MUTATIONS} == RULES.keys()
