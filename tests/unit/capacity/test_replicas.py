"""One metric's proposal, against the documentation and Kubernetes' own cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_capacity.autoscaling.replicas import (
    PodGroup,
    PodsTarget,
    Standing,
    replicas_for_average_value,
    replicas_for_pods,
    replicas_for_value,
)

MEASURED, MISSING, UNREADY = Standing.MEASURED, Standing.MISSING, Standing.UNREADY


def pods(*shares: float, unready: int = 0, missing: int = 0) -> list[PodGroup]:
    """Pods with a metric each, some without, some not ready."""
    measured = [PodGroup(1, MEASURED, share) for share in shares]
    return [*measured, PodGroup(unready, UNREADY), PodGroup(missing, MISSING)]


@pytest.mark.parametrize(
    ("value", "replicas"),
    [(0.2, 20), (0.05, 5), (0.11, 10), (0.09, 10), (0.111, 12), (0.089, 9)],
    ids=["doubled", "halved", "a tenth above", "a tenth below", "beyond", "beneath"],
)
def test_the_documented_ratio_and_its_tolerance(value: float, replicas: int) -> None:
    """A value of 200m with a target of 100m doubles, 50m halves, a tenth off changes nothing."""
    target = PodsTarget.average(0.1)
    assert replicas_for_pods(10, [PodGroup(10, MEASURED, value)], target) == replicas


@pytest.mark.parametrize(
    ("current", "groups", "percent", "replicas"),
    [
        pytest.param(3, pods(0.3, 0.5, 0.7), 30, 5, id="ScaleUp"),
        pytest.param(3, pods(0.5, 0.7, unready=1), 30, 4, id="ScaleUpUnreadyLessScale"),
        pytest.param(3, pods(0.4, unready=2), 30, 3, id="ScaleUpUnreadyNoScale"),
        pytest.param(5, pods(0.1, 0.3, 0.5, 0.25, 0.25), 50, 3, id="ScaleDown"),
        pytest.param(4, pods(0.4, 0.095, missing=2), 100, 3, id="MissingMetrics"),
    ],
)
def test_the_cases_of_kubernetes(
    current: int, groups: list[PodGroup], percent: float, replicas: int
) -> None:
    """From replica_calculator_test.go, by the same names."""
    assert replicas_for_pods(current, groups, PodsTarget.utilization(percent)) == replicas


def test_without_any_metric_there_is_no_proposal() -> None:
    """Pods that all are missing or unready say nothing."""
    target = PodsTarget.utilization(50)
    assert replicas_for_pods(3, pods(missing=2, unready=1), target) is None


def test_an_external_average_value_shares_the_total() -> None:
    """Whether pods are ready plays no part."""
    assert replicas_for_average_value(1, 40, 10) == 4
    assert replicas_for_average_value(4, 43, 10) == 4
    assert replicas_for_average_value(4, 45, 10) == 5
    assert replicas_for_average_value(0, 5, 10) == 1


def test_an_external_value_multiplies_the_ready() -> None:
    """Pods that start do not multiply what is asked for."""
    assert replicas_for_value(4, ready=2, value=30, target=10) == 6
    assert replicas_for_value(4, ready=2, value=10.9, target=10) == 4


GROUPS = st.lists(
    st.builds(
        PodGroup, st.integers(1, 50), st.sampled_from(Standing), st.integers(0, 300).map(float)
    ),
    min_size=1,
    max_size=6,
)


@given(GROUPS, st.integers(1, 200))
def test_a_group_is_as_good_as_its_pods(groups: list[PodGroup], target: int) -> None:
    """Standing together is bookkeeping only."""
    single = [
        PodGroup(1, group.standing, group.value) for group in groups for _ in range(group.count)
    ]
    current = len(single)
    aim = PodsTarget.average(target)
    assert replicas_for_pods(current, groups, aim) == replicas_for_pods(current, single, aim)


@given(GROUPS, st.integers(1, 200))
def test_what_is_not_known_never_turns_the_change_round(
    groups: list[PodGroup], target: int
) -> None:
    """Missing and unready pods make a change smaller, whichever way it goes."""
    measured = [group for group in groups if group.standing is MEASURED]
    current = sum(group.count for group in groups)
    known = sum(group.count for group in measured)
    proposed = replicas_for_pods(current, groups, PodsTarget.average(target))
    if not measured:
        assert proposed is None
        return
    assert proposed is not None
    mean = sum(group.count * group.value for group in measured) / known
    if mean > target * 1.1 + 0.001:
        assert current <= proposed or known < current
        assert proposed <= -(-mean * current // target)
    if mean < target * 0.9 - 0.001 and known == current:
        assert proposed <= current
