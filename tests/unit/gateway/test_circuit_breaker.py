"""What fails again and again is left alone, and found again."""

import asyncio
from contextlib import ExitStack, suppress

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mien_gateway.errors import (
    BadDetectorAnswerError,
    BadModelAnswerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    GatewayError,
    OverloadedError,
    TemporaryError,
    UnreadableImageError,
)
from mien_gateway.resilience.circuit_breaker import CircuitBreaker, State
from mien_gateway.telemetry.metrics import Metrics

FAILURES, COOLDOWN = 3, 2.0
AWAY = DetectorUnavailableError()


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Now."""
        return self.now


def make_circuit(clock: Clock) -> CircuitBreaker:
    """A circuit with a clock of its own."""
    return CircuitBreaker(
        "part",
        failures=FAILURES,
        cooldown_seconds=COOLDOWN,
        metrics=Metrics(),
        clock=clock,
    )


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> CircuitBreaker:
    """A closed circuit."""
    return make_circuit(clock)


class RefusedError(TemporaryError):
    """What the tests' circuits refuse with; `code` is not set, so that no table lists it."""

    def __init__(self) -> None:
        super().__init__("refused")


def call(
    circuit: CircuitBreaker, error: BaseException | None = None, *, patient: bool = True
) -> bool:
    """Make a call that ends so; whether it was let through."""
    through = False
    expected = type(error) if error else RefusedError
    with suppress(RefusedError, expected), circuit.call(RefusedError, patient=patient):
        through = True
        _end(error)
    return through


def _end(error: BaseException | None) -> None:
    if error:
        raise error


def opened(circuit: CircuitBreaker) -> None:
    for _ in range(FAILURES):
        call(circuit, AWAY)
    assert circuit.state is State.OPEN


def test_it_opens_after_so_many_failures_in_a_row(circuit: CircuitBreaker) -> None:
    """And a success in between begins the count anew."""
    call(circuit, AWAY)
    call(circuit, AWAY)
    call(circuit)
    call(circuit, AWAY)
    call(circuit, AWAY)
    assert call(circuit, AWAY)
    assert not call(circuit)


@pytest.mark.parametrize(
    "error",
    [
        UnreadableImageError(),
        OverloadedError(),
        BadDetectorAnswerError("one picture may be to blame"),
        asyncio.CancelledError(),
    ],
)
def test_what_says_nothing_about_the_part_opens_nothing(
    circuit: CircuitBreaker, error: BaseException
) -> None:
    """The caller's faults, being busy, and callers who leave."""
    for _ in range(3 * FAILURES):
        call(circuit, error)
    assert circuit.state is State.CLOSED


@pytest.mark.parametrize(
    ("error", "patient", "state"),
    [
        (DeadlineExceededError("it"), True, State.OPEN),
        (DeadlineExceededError("it"), False, State.CLOSED),
        (BadModelAnswerError("server", "nonsense"), False, State.OPEN),
    ],
)
def test_time_counts_where_there_was_enough(
    circuit: CircuitBreaker, error: GatewayError, patient: bool, state: State
) -> None:
    """A hurried caller proves nothing."""
    for _ in range(FAILURES):
        call(circuit, error, patient=patient)
    assert circuit.state is state


def test_after_the_cool_down_one_call_tries(circuit: CircuitBreaker, clock: Clock) -> None:
    """The others are refused until it has succeeded."""
    opened(circuit)
    clock.now += COOLDOWN - 0.01
    assert not call(circuit)
    clock.now += 0.02
    with circuit.call(RefusedError, patient=True):
        assert circuit.state is State.HALF_OPEN
        assert not call(circuit)
    assert call(circuit)
    assert call(circuit)


def test_a_failed_try_begins_the_cool_down_anew(circuit: CircuitBreaker, clock: Clock) -> None:
    """One failure is enough then."""
    opened(circuit)
    clock.now += COOLDOWN
    assert call(circuit, AWAY)
    assert circuit.state is State.OPEN
    clock.now += COOLDOWN - 0.01
    assert not call(circuit)


@pytest.mark.parametrize("error", [asyncio.CancelledError(), UnreadableImageError()])
def test_a_try_that_proves_nothing_leaves_room_for_the_next(
    circuit: CircuitBreaker, clock: Clock, error: BaseException
) -> None:
    """A caller who leaves must not keep the circuit open for ever."""
    opened(circuit)
    clock.now += COOLDOWN
    assert call(circuit, error)
    assert call(circuit)
    assert circuit.state is State.CLOSED


class CircuitMachine(RuleBasedStateMachine):
    """Calls that overlap and end in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.circuit = make_circuit(self.clock)
        self.under_way: list[ExitStack] = []
        self.failures = 0

    @rule()
    def begin(self) -> None:
        """A call begins, or is refused by a circuit that is not closed."""
        watched = ExitStack()
        try:
            watched.enter_context(self.circuit.call(RefusedError, patient=True))
        except RefusedError:
            assert self.circuit.state is not State.CLOSED
        else:
            self.under_way.append(watched)

    @precondition(lambda self: self.under_way)
    @rule()
    def succeed(self) -> None:
        """The oldest call succeeds: the part is there."""
        self.under_way.pop(0).close()
        assert self.circuit.state is State.CLOSED
        self.failures = 0

    @precondition(lambda self: self.under_way)
    @rule()
    def fail(self) -> None:
        """The newest call fails."""
        with pytest.raises(DetectorUnavailableError), self.under_way.pop():
            raise AWAY
        self.failures += 1

    @rule()
    def wait(self) -> None:
        """Half a cool-down passes."""
        self.clock.now += COOLDOWN / 2

    @invariant()
    def it_is_closed_as_long_as_few_have_failed(self) -> None:
        """And not when many have in a row."""
        if self.failures == 0:
            assert self.circuit.state is State.CLOSED
        if self.failures >= FAILURES:
            assert self.circuit.state is not State.CLOSED


TestMachine = CircuitMachine.TestCase
TestMachine.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
