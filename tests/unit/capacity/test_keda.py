"""From zero and back, against KEDA's documentation."""

from hypothesis import given
from hypothesis import strategies as st

from mien_capacity.autoscaling.hpa import Bounds, HorizontalPodAutoscaler
from mien_capacity.autoscaling.keda import ScaledObject, is_active
from mien_capacity.autoscaling.replicas import replicas_for_average_value


def scaled(*, least: int = 0, cooldown: int = 300) -> ScaledObject:
    hpa = HorizontalPodAutoscaler(Bounds(max(1, least), 10))
    return ScaledObject(hpa, min_replicas=least, cooldown_seconds=cooldown)


def test_activation_is_above_and_not_at_the_threshold() -> None:
    """`activationThreshold: 0` activates at 1."""
    assert not is_active([0.0], [0.0])
    assert is_active([1.0], [0.0])
    assert not is_active([50.0], [50.0])
    assert is_active([0.0, 51.0], [0.0, 50.0])


def test_activation_comes_before_scaling() -> None:
    """The documented case: threshold 10, activation 50, 40 messages: zero, though 4 are wanted."""
    active = is_active([40.0], [50.0])
    assert replicas_for_average_value(4, 40, 10) == 4
    assert scaled(cooldown=0).poll(4, active=active, now=1) == 0


def test_to_zero_only_after_the_cooldown() -> None:
    """It counts from the last polling that found a trigger active."""
    keda = scaled()
    assert keda.poll(0, active=True, now=0) == 1
    assert keda.poll(3, active=True, now=30) == 3
    assert keda.poll(3, active=False, now=330) == 3
    assert keda.poll(3, active=False, now=331) == 0


def test_a_minimum_above_zero_is_kept() -> None:
    """KEDA then never goes to zero, and mends what is below."""
    keda = scaled(least=2, cooldown=0)
    assert keda.poll(4, active=False, now=1000) == 4
    assert keda.poll(0, active=True, now=1030) == 2
    assert keda.poll(1, active=False, now=1060) == 2


def test_from_zero_the_hpa_goes_on() -> None:
    """Zero is KEDA's, the rest the HPA's."""
    keda = scaled()
    assert keda.look(0, [7], 0) == 0
    started = keda.poll(0, active=True, now=10)
    assert keda.look(started, [7], 15) == 5
    assert keda.look(5, [7], 30) == 7


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 600))
def test_zero_means_nothing_happened_for_the_cooldown(active: list[bool], cooldown: int) -> None:
    """Never is there a zero within the cool-down, nor a pod without a trigger after it."""
    keda, replicas, last = scaled(cooldown=cooldown), 0, -1e9
    for number, is_now in enumerate(active):
        now = number * 30.0
        last = now if is_now else last
        replicas = keda.poll(replicas, active=is_now, now=now)
        assert (replicas > 0) == (last + cooldown >= now)
