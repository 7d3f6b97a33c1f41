"""The parts behind their circuits, and with a time that no call of theirs may exceed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mien_gateway.backends.base import Backend
from mien_gateway.detector import FaceDetector
from mien_gateway.domain import Detection, DetectorIdentity, Explanation, Prediction
from mien_gateway.errors import (
    DeadlineExceededError,
    DetectorUnavailableError,
    ModelServerUnavailableError,
    TemporaryError,
)
from mien_gateway.steadiness.circuit import Circuit
from mien_gateway.telemetry.metrics import Metrics
from mien_models.registry import InputShape, ServedModel

# A part that says nothing for so long is at fault, however little the caller waits.
_PATIENCE_SECONDS = 1.0


class Guard:
    """A part's circuit, the count of its calls, and their longest time."""

    def __init__(self, circuit: Circuit, metrics: Metrics, longest_seconds: float) -> None:
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
