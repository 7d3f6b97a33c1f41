"""When a call is tried again, and how long the pauses are."""

import pytest

from mien_client.attempts import LONGEST_PAUSE_SECONDS, Attempts, Patience
from mien_client.errors import (
    AnswerTimeoutError,
    BadInputError,
    BusyError,
    GatewayFaultError,
    MienError,
    UnavailableError,
    UnreachableError,
)

ADDRESS = "http://mien:8000"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """At any time."""
    return Clock()


def attempts(
    clock: Clock,
    seconds: float = 10.0,
    retries: int | None = 2,
    chance: float = 0.0,
    *,
    waits_for_start: bool = False,
) -> Attempts:
    patience = Patience(seconds, retries, waits_for_start)
    return Attempts(patience, ADDRESS, clock=clock, chance=lambda: chance)


def busy(retry_after_seconds: float | None = None) -> BusyError:
    return BusyError("rate_limited", "too many", retry_after_seconds=retry_after_seconds)


def test_the_gateways_wait_is_kept(clock: Clock) -> None:
    """And spread a little, so that not everybody comes back at once."""
    assert attempts(clock).pause_after(busy(3)) == 3
    assert 3 < attempts(clock, chance=0.999).pause_after(busy(3)) < 3.25


def test_pauses_double_where_the_gateway_names_none(clock: Clock) -> None:
    """Up to a bound; each is somewhere from its half to the whole of it."""
    lazy, eager = (attempts(clock, 1000, retries=None, chance=chance) for chance in (1, 0))
    away = UnavailableError("detector_unavailable", "away")
    longest = [lazy.pause_after(away) for _ in range(8)]
    shortest = [eager.pause_after(away) for _ in range(8)]
    assert longest == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0])
    assert shortest == pytest.approx([pause / 2 for pause in longest])
    for _ in range(5000):
        assert lazy.pause_after(away) == LONGEST_PAUSE_SECONDS


def test_there_is_an_end_to_it(clock: Clock) -> None:
    """After so many retries the last error comes out as it is."""
    some = attempts(clock, retries=2)
    for _ in range(2):
        some.pause_after(busy())
    last = busy()
    with pytest.raises(BusyError) as caught:
        some.pause_after(last)
    assert caught.value is last


@pytest.mark.parametrize(("retry_after", "waits"), [(9.9, True), (10, False), (60, False)])
def test_nobody_waits_longer_than_he_may(clock: Clock, retry_after: float, waits: bool) -> None:
    """A wait that would last past the timeout is not begun."""
    some = attempts(clock, seconds=10)
    if waits:
        assert some.pause_after(busy(retry_after)) == retry_after
    else:
        with pytest.raises(BusyError):
            some.pause_after(busy(retry_after))


def test_the_timeout_is_for_all_attempts(clock: Clock) -> None:
    """Each next one has less time, and at last none."""
    some = attempts(clock, seconds=10)
    assert some.seconds_left == 10
    clock.now += 7
    assert some.seconds_left == pytest.approx(3)
    clock.now += 3
    with pytest.raises(AnswerTimeoutError, match=f"{ADDRESS}.*timeout of 10 s"):
        _ = some.seconds_left


@pytest.mark.parametrize(
    "error",
    [
        BadInputError("unreadable_image", "broken"),
        GatewayFaultError("internal_error", "oh"),
        AnswerTimeoutError(ADDRESS, "slow"),
        UnreachableError(ADDRESS, "refused"),
        MienError("anything"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_asking_again_would_not_help(clock: Clock, error: MienError) -> None:
    """It comes out at once."""
    with pytest.raises(type(error)):
        attempts(clock).pause_after(error)


def test_a_broken_connection_is_worth_another(clock: Clock) -> None:
    """It may have been kept too long; somebody who waits for a start tries even without one."""
    broken = UnreachableError(ADDRESS, "reset", connected=True)
    assert attempts(clock).pause_after(broken) > 0
    nobody = UnreachableError(ADDRESS, "refused")
    assert attempts(clock, waits_for_start=True).pause_after(nobody) > 0
