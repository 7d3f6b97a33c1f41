"""Circuit breakers, and the upstream clients behind them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from time import monotonic

import structlog

from mien_gateway.clients.face_detector import FaceDetector
from mien_gateway.clients.model_server import Backend
from mien_gateway.domain import Detection, DetectorIdentity, Explanation, Prediction
from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    GatewayError,
    ModelServerUnavailableError,
    TemporaryError,
)
from mien_gateway.telemetry.metrics import Metrics
from mien_models.registry import InputShape, ServedModel

_log = structlog.get_logger(__name__)

# A model server's nonsense is its own; the detector's may be the fault of one picture.
_AWAY = (DetectorUnavailableError, ModelServerUnavailableError, BadModelAnswerError)


class State(Enum):
    """Of a circuit; the value is what the metric shows."""

    CLOSED = 0.0
    HALF_OPEN = 0.5
    OPEN = 1.0


class CircuitBreaker:
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


# A part that says nothing for so long is at fault, however little the caller waits.
_PATIENCE_SECONDS = 1.0


class Guard:
    """A part's circuit, the count of its calls, and their longest time."""

    def __init__(self, circuit: CircuitBreaker, metrics: Metrics, longest_seconds: float) -> None:
        self._circuit = circuit
        self._metrics = metrics
        self._longest_seconds = longest_seconds

    @property
    def admits(self) -> bool:
        """Whether the next call would be let through."""
        return self._circuit.admits

    @contextmanager
    def call(self, timeout_seconds: float, away: Callable[[], TemporaryError]) -> Iterator[float]:
        """Yield the time that the call may take.

        Raises what `away` makes when the circuit is open, or when the part had all the
        time it may ever have, so that a frozen part is told from a hurried caller.
        """
        ours = timeout_seconds > self._longest_seconds
        budget = min(timeout_seconds, self._longest_seconds)
        with (
            self._circuit.call(away, patient=budget >= _PATIENCE_SECONDS),
            self._metrics.part_call(self._circuit.part),
        ):
            try:
                yield budget
            except DeadlineExceededError as error:
                if ours:
                    raise away() from error
                raise


class GuardedDetector:
    """A face detector behind its circuit."""

    def __init__(self, detector: FaceDetector, guard: Guard) -> None:
        self._detector = detector
        self._guard = guard

    @property
    def known(self) -> DetectorIdentity | None:
        """What detects, as last known."""
        return self._detector.known

    async def detect(
        self,
        image: bytes,
        crop: InputShape,
        timeout_seconds: float,
        minimum_score: float | None = None,
    ) -> Detection:
        """Detect, unless the circuit is open."""
        with self._guard.call(timeout_seconds, DetectorUnavailableError) as budget:
            return await self._detector.detect(image, crop, budget, minimum_score)

    async def identity(self, timeout_seconds: float) -> DetectorIdentity:
        """Return what detects; what is known is told while the detector is away."""
        if known := self._detector.known:
            return known
        with self._guard.call(timeout_seconds, DetectorUnavailableError) as budget:
            return await self._detector.identity(budget)

    async def probe(self, timeout_seconds: float) -> DetectorIdentity:
        """Ask the detector itself: an operator's question is no load."""
        return await self._detector.probe(timeout_seconds)


class GuardedBackend:
    """A model server behind a circuit for each of its models.

    One that is not loaded, or whose worker fails, leaves the others alone.
    """

    def __init__(self, backend: Backend, guard: Callable[[str], Guard]) -> None:
        """Take what returns the guard of a model, by its name."""
        self.name = backend.name
        self._backend = backend
        self._guard = guard

    async def predict(
        self, model: ServedModel, faces: Sequence[bytes], timeout_seconds: float
    ) -> list[Prediction]:
        """Predict, unless the circuit is open."""
        with self._guard(model.name).call(timeout_seconds, self._away(model)) as budget:
            return await self._backend.predict(model, faces, budget)

    async def explain(
        self,
        model: ServedModel,
        faces: Sequence[bytes],
        classes: Sequence[int],
        timeout_seconds: float,
    ) -> list[Explanation]:
        """Explain, unless the circuit is open."""
        with self._guard(model.name).call(timeout_seconds, self._away(model)) as budget:
            return await self._backend.explain(model, faces, classes, budget)

    async def serves(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Ask the server itself."""
        return await self._backend.serves(model, timeout_seconds)

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Ask the server itself."""
        return await self._backend.ready(model, timeout_seconds)

    def _away(self, model: ServedModel) -> Callable[[], TemporaryError]:
        return lambda: ModelServerUnavailableError(self.name, model.name)
