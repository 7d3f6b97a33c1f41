"""Policies and stabilization windows, against the documentation's examples."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mien_capacity.autoscaling.behavior import Behavior, Policy, ScalingRules
from mien_capacity.autoscaling.hpa import SYNC_SECONDS, Bounds, HorizontalPodAutoscaler

AT_ONCE = ScalingRules(0, (Policy("Percent", 100, 15), Policy("Pods", 1000, 15)))


def run(
    hpa: HorizontalPodAutoscaler, replicas: int, proposals: Sequence[int | None], step: float = 15
) -> list[int]:
    """The replicas after each look."""
    seen = []
    for look, proposal in enumerate(proposals):
        replicas = hpa.look(replicas, [proposal], look * step)
        seen.append(replicas)
    return seen


def hpa(*, up: ScalingRules = AT_ONCE, down: ScalingRules = AT_ONCE) -> HorizontalPodAutoscaler:
    return HorizontalPodAutoscaler(Bounds(1, 1000), Behavior(up, down))


def test_the_policy_that_allows_more_is_chosen() -> None:
    """From 80 to 10 by 10 % or 4 pods a minute: 8 at first (of 72, 7.2 is 8), 4 below 40."""
    down = ScalingRules(0, (Policy("Pods", 4, 60), Policy("Percent", 10, 60)))
    seen = run(hpa(down=down), 80, [10] * 15, step=60)
    assert seen == [72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10, 10]


def test_select_policy_min_chooses_the_smaller_change() -> None:
    """The documentation's example: 10 % and 5 pods a minute, whichever is less."""
    policies = (Policy("Percent", 10, 60), Policy("Pods", 5, 60))
    down = ScalingRules(0, policies, select_policy="Min")
    assert run(hpa(down=down), 100, [1, 1], step=60) == [95, 90]
    assert run(hpa(down=down), 20, [1, 1], step=60) == [18, 16]


def test_a_policy_holds_over_its_period_and_not_per_look() -> None:
    """Four looks a minute share the minute's four pods."""
    up = ScalingRules(0, (Policy("Pods", 4, 60),))
    assert run(hpa(up=up), 2, [100] * 6) == [6, 6, 6, 6, 10, 10]


def test_disabled_stops_one_direction() -> None:
    """Only scaling down is off."""
    down = ScalingRules(0, (Policy("Percent", 100, 15),), select_policy="Disabled")
    assert run(hpa(down=down), 5, [1, 8, 1]) == [5, 8, 8]


def test_the_default_doubles_or_adds_four() -> None:
    """Every 15 seconds, without a window; down only after 5 minutes, then at once."""
    default = HorizontalPodAutoscaler(Bounds(1, 100))
    assert run(default, 1, [100] * 6) == [5, 10, 20, 40, 80, 100]
    fresh = HorizontalPodAutoscaler(Bounds(1, 100))
    seen = run(fresh, 50, [50] + [1] * 21)
    assert seen[:20] == [50] * 20
    assert seen[-1] == 1


def test_the_window_of_scaling_up_waits_for_the_lowest() -> None:
    """A peak shorter than the window is not followed."""
    up = ScalingRules(60, (Policy("Pods", 100, 15),))
    assert run(hpa(up=up), 2, [2, 9, 9, 2, 9, 9, 9, 9, 9]) == [2] * 7 + [9, 9]


def test_bounds_come_before_everything() -> None:
    """What lies outside is brought inside at the next look, whatever the policies say."""
    slow = ScalingRules(300, (Policy("Pods", 1, 60),))
    bounded = HorizontalPodAutoscaler(Bounds(3, 6), Behavior(slow, slow))
    assert bounded.look(9, [9], 0) == 6
    assert bounded.look(1, [1], 15) == 3


def test_zero_rests() -> None:
    """Replicas of 0 switch an HPA off whose least is at least 1."""
    assert hpa().look(0, [7], 0) == 0


def test_a_metric_without_value_stops_scaling_down_only() -> None:
    """The others may still scale up."""
    assert hpa().look(5, [None, 2], 0) == 5
    assert hpa().look(5, [None, 8], 0) == 8
    assert hpa().look(5, [None], 0) == 5


PROPOSALS = st.lists(st.integers(1, 60), min_size=1, max_size=60)


@given(PROPOSALS, st.integers(1, 5), st.sampled_from([15, 30, 60, 90]))
def test_no_period_sees_more_pods_added_than_its_policy_allows(
    proposals: list[int], value: int, period: int
) -> None:
    """Looked at from outside: against a period ago, at most that many more."""
    seen = [1, *run(hpa(up=ScalingRules(0, (Policy("Pods", value, period),))), 1, proposals)]
    looks = period // SYNC_SECONDS
    for index in range(1, len(seen)):
        ago = seen[max(0, index - looks)]
        assert seen[index] <= max(seen[index - 1], ago + value)


@given(PROPOSALS, st.sampled_from([15, 60, 120, 300]))
def test_nothing_comes_down_before_the_whole_window_is_below(
    proposals: list[int], window: int
) -> None:
    """The highest recommendation of the window is a floor."""
    down = ScalingRules(window, (Policy("Percent", 100, 15),))
    seen = run(hpa(down=down), 60, proposals)
    for index, replicas in enumerate(seen):
        recent = [
            proposal
            for look, proposal in enumerate(proposals[: index + 1])
            if look == index or (index - look) * SYNC_SECONDS < window
        ]
        assert replicas >= min(max(recent), seen[index - 1] if index else 60)


@given(PROPOSALS, st.integers(1, 20), st.integers(0, 40))
def test_it_stays_within_its_bounds(proposals: list[int], least: int, room: int) -> None:
    """Always."""
    bounded = HorizontalPodAutoscaler(Bounds(least, least + room))
    assert all(least <= replicas <= least + room for replicas in run(bounded, least, proposals))
