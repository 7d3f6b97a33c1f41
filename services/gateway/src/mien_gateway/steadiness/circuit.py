"""A circuit before each part: what fails again and again is left alone for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from time import monotonic

import structlog

from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    GatewayError,
    ModelServerUnavailableError,
    TemporaryError,
)
from mien_gateway.telemetry.metrics import Metrics

# A model server's nonsense is its own; the detector's may be the fault of one picture.
_AWAY = (DetectorUnavailableError, ModelServerUnavailableError, BadModelAnswerError)

_log = structlog.get_logger(__name__)


class State(Enum):
    """Of a circuit; the value is what the metric shows."""

    CLOSED = 0.0
    HALF_OPEN = 0.5
    OPEN = 1.0


class Circuit:
    """Opens after so many failures in a row, and lets one call try after the cool-down.

    A failure is a part that is away, or lets a patient caller's time pass. A part that
    complains of the picture or is busy answers, and is whole; calls that were cancelled
    say nothing. Each model of a model server has one of its own.
    """

    def __init__(
        self,
        part: str,
        model: str = "",
        *,
        failures: int,
        cooldown_seconds: float,
        metrics: Metrics,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.part = part
        self._model = model
        self._limit = failures
        self._cooldown_seconds = cooldown_seconds
        self._metrics = metrics
        self._clock = clock
        self._failed = 0
        self._try_again_at = 0.0
        self._trying = False
        self._state = State.CLOSED
        metrics.set_circuit(part, model, State.CLOSED.value)

    @property
    def state(self) -> State:
        """As the next call finds it."""
        return self._state

    @property
    def admits(self) -> bool:
        """Whether the next call would be let through."""
        if self._state is State.CLOSED:
            return True
        return not self._trying and self._clock() >= self._try_again_at

    @contextmanager
    def call(self, refusal: Callable[[], TemporaryError], *, patient: bool) -> Iterator[None]:
        """Watch one call.

        Args:
            refusal: makes the error for a call that is not let through.
            patient: whether the part has time enough: a caller in a hurry proves nothing
                by giving up.

        Raises:
            TemporaryError: the circuit is open.
        """
        probe = self._admit(refusal)
        try:
            yield
        except DeadlineExceededError:
            if patient:
                self._count_failure()
            raise
        except _AWAY:
            self._count_failure()
            raise
        except GatewayError:
            self._close()
            raise
        else:
            self._close()
        finally:
            if probe:
                self._trying = False

    def _admit(self, refusal: Callable[[], TemporaryError]) -> bool:
        """Let a call through, as a probe where the circuit is open and cool enough."""
        if self._state is State.CLOSED:
            return False
        if not self.admits:
            self._metrics.count_refused_call(self.part)
            raise refusal()
        self._trying = True
        self._set(State.HALF_OPEN)
        return True

    def _count_failure(self) -> None:
        self._failed += 1
        if self._state is State.HALF_OPEN or self._failed >= self._limit:
            self._try_again_at = self._clock() + self._cooldown_seconds
            self._set(State.OPEN)

    def _close(self) -> None:
        self._failed = 0
        self._set(State.CLOSED)

    def _set(self, state: State) -> None:
        if state is not self._state:
            _log.info(
                "circuit", part=self.part, model=self._model or None, state=state.name.lower()
            )
            self._metrics.set_circuit(self.part, self._model, state.value)
        self._state = state
