"""Clusters of all versions would take every object."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.k8s.custom import faults, schemas
from tests.k8s.programs import CASES, NEWEST, VERSIONS, rendering
from tests.k8s.rendering import Manifest


@pytest.mark.parametrize("kubernetes", VERSIONS)
@pytest.mark.parametrize("case", CASES)
def test_renderings_are_valid(case: str, kubernetes: str) -> None:
    """Unknown fields, wrong types and kinds without a schema are faults."""
    objects = rendering(case, kubernetes).objects
    assert objects
    found = faults(objects, kubernetes)
    assert not found, "\n".join(found)


def customs() -> dict[str, Manifest]:
    """Return one object of each custom kind that some values bring."""
    objects = [one for case in CASES for one in rendering(case).objects]
    return {one["kind"].lower(): one for one in objects if one["kind"].lower() in schemas()}


FREE = {"labels", "annotations", "matchLabels"}


@pytest.mark.parametrize("kind", schemas())
def test_a_typo_is_refused_wherever_it_is(kind: str) -> None:
    """In every key of what the chart brings, those apart that users choose."""
    manifest = customs()[kind]
    assert faults([manifest], NEWEST) == []
    typos = [{**manifest, "spec": spec} for spec in misspelt(without(manifest["spec"], FREE))]
    assert len(typos) > 5
    assert [typo["spec"] for typo in typos if not faults([typo], NEWEST)] == []


def misspelt(value: Any) -> Iterator[Any]:
    """Return copies of a value, each with another key misspelt, however deep."""
    if isinstance(value, dict):
        for key in value:
            yield {(f"{name}x" if name == key else name): one for name, one in value.items()}
    elif not isinstance(value, list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        for changed in misspelt(inner):
            whole = copy.copy(value)
            whole[key] = changed
            yield whole


def without(value: Any, names: set[str]) -> Any:
    """Return a value with some of its keys emptied."""
    if isinstance(value, list):
        return [without(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: {} if key in names else without(one, names) for key, one in value.items()}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "Deploymint", "apiVersion": "apps/v1"},
        {"kind": "ConfigMap", "apiVersion": "v1", "dada": {}},
        {"kind": "Service", "apiVersion": "v1", "spec": {"ports": "80"}},
    ],
)
def test_what_no_cluster_knows_is_refused(fault: Manifest) -> None:
    """A kind, a field, a type."""
    assert faults([{"metadata": {"name": "x"}, **fault}], NEWEST)
