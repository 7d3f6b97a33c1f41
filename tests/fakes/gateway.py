"""The gateway's collaborators, in memory: each implements the Protocol of the real one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

import grpc
import pytest

from mien_gateway.auth.authenticator import Authenticator, Keys
from mien_gateway.auth.rate_limit import Limiter
from mien_gateway.auth.rates import Rate
from mien_gateway.cache.keys import CacheKeys
from mien_gateway.cache.result_cache import ResultCache
from mien_gateway.clients.pools import Pool
from mien_gateway.core import Parts, guarded, make_core
from mien_gateway.domain import (
    Box,
    DetectedFace,
    Detection,
    DetectorIdentity,
    DetectorSteps,
    Explanation,
    ImageSize,
    Landmarks,
    Point,
    Prediction,
)
from mien_gateway.errors import (
    DeadlineExceededError,
    GatewayError,
    TimelinesUnavailableError,
    UnknownSessionError,
)
from mien_gateway.notice import Notice
from mien_gateway.sessions import Entry, Observed
from mien_gateway.settings import Settings
from mien_gateway.telemetry.metrics import Metrics
from mien_models import Framework, InputShape, Model, Registry, ServedModel

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SHAPE = InputShape(height=48, width=48, channels=1)
PYTORCH = "fer2013-squeezenet-pytorch"
TENSORFLOW = "fer2013-squeezenet-tensorflow"

JPEG = b"\xff\xd8\xff\xe0 as far as the gateway looks, a JPEG"
NO_FACE = b"\x89PNG\r\n\x1a\n as far as the gateway looks, a PNG; nobody is in it"


def registry() -> Registry:
    """One model and its twins."""
    model = Model(
        name="fer2013-squeezenet",
        version=3,
        dataset="fer2013",
        architecture="squeezenet",
        input=SHAPE,
        labels=LABELS,
        frameworks=(Framework.PYTORCH, Framework.TENSORFLOW),
        weights=Path("fer2013-squeezenet/3/weights.safetensors"),
        weights_sha256="0" * 64,
        metrics={"public_test_accuracy": 0.625},
        licence="for tests",
    )
    return Registry((model,))


def crop_of(seed: bytes, shape: InputShape = SHAPE) -> bytes:
    """Bytes of a crop, always the same ones for the same seed."""
    digest = blake2b(seed).digest()
    return (digest * (shape.size_bytes // len(digest) + 1))[: shape.size_bytes]


def hashed_by(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the pictures that are hashed from now on, as they are."""
    hashed: list[bytes] = []
    key_of = CacheKeys.frame

    def frame(
        keys: CacheKeys, image: bytes, model: ServedModel, detector: DetectorIdentity
    ) -> bytes:
        hashed.append(image)
        return key_of(keys, image, model, detector)

    monkeypatch.setattr(CacheKeys, "frame", frame)
    return hashed


def face_of(seed: bytes, shape: InputShape = SHAPE, side: float = 60) -> DetectedFace:
    """A face with a crop of its own."""
    return DetectedFace(
        box=Box(20.5, 10.25, side, side),
        landmarks=Landmarks(
            Point(35, 30), Point(65, 30), Point(50, 45), Point(38, 58), Point(62, 58)
        ),
        score=0.875,
        crop=crop_of(seed, shape),
        sharpness=0.5,
    )


def probabilities_of(crop: bytes, classes: int, shift: int = 0) -> tuple[float, ...]:
    """A distribution that depends on the crop alone; its values are exact in float32."""
    top = (crop[0] + shift) % classes
    rest = 2.0**-6
    return tuple(1 - rest * (classes - 1) if index == top else rest for index in range(classes))


class FakeDetector:
    """Finds in each picture what it was told to: one face unless told otherwise."""

    def __init__(self) -> None:
        self.version = "1"
        self.is_known = True
        """Whether it has told its version before."""
        self.outcomes: dict[bytes, Sequence[bytes] | GatewayError] = {NO_FACE: ()}
        """Per picture the seeds of its faces, largest first, or the error."""
        self.away: GatewayError | None = None
        self.delay_seconds = 0.0
        self.score = 0.875
        self.steps = DetectorSteps(decode=0.001, find=0.004, crop=0.0005)
        self.budgets: list[float] = []
        self.scores: list[float | None] = []
        self.cancelled = 0
        self.called = asyncio.Event()
        self.left = asyncio.Event()
        """Set when a caller cancelled his call."""

    async def detect(
        self,
        image: bytes,
        crop: InputShape,
        timeout_seconds: float,
        minimum_score: float | None = None,
    ) -> Detection:
        """Find what the picture's outcome says."""
        self.scores.append(minimum_score)
        self.budgets.append(timeout_seconds)
        self.called.set()
        if self.away:
            raise self.away
        await self._work(timeout_seconds)
        outcome = self.outcomes.get(image, (image,))
        if isinstance(outcome, GatewayError):
            raise outcome
        faces = (
            replace(face_of(seed, crop, 90 - place), score=self.score)
            for place, seed in enumerate(outcome)
        )
        return Detection(ImageSize(640, 360), tuple(faces), self._identity(), self.steps)

    @property
    def known(self) -> DetectorIdentity | None:
        """The version set, once it is known."""
        return self._identity() if self.is_known else None

    async def identity(self, timeout_seconds: float) -> DetectorIdentity:
        """Return the version set, at once where it is known."""
        if not self.is_known:
            self.budgets.append(timeout_seconds)
            await self._work(timeout_seconds)
            self.is_known = True
        return self._identity()

    async def probe(self, timeout_seconds: float) -> DetectorIdentity:
        """Return the version set, unless away."""
        del timeout_seconds
        if self.away:
            raise self.away
        return self._identity()

    def _identity(self) -> DetectorIdentity:
        return DetectorIdentity("fake", self.version)

    async def _work(self, timeout_seconds: float) -> None:
        try:
            await asyncio.sleep(min(self.delay_seconds, timeout_seconds))
        except asyncio.CancelledError:
            self.cancelled += 1
            self.left.set()
            raise
        if self.delay_seconds > timeout_seconds:
            waiting_for = "the face detector"
            raise DeadlineExceededError(waiting_for)


def _explanation(prediction: Prediction, wanted: int, shape: InputShape) -> Explanation:
    shares = prediction.probabilities
    column = wanted if wanted >= 0 else max(range(len(shares)), key=shares.__getitem__)
    row = tuple(float(place == column) for place in range(shape.width))
    return Explanation(shares, row * shape.height, prediction.served_by)


class FakeBackend:
    """Predicts by the crop's first byte."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.served_by = name
        self.lacks: set[tuple[str, int]] = set()
        """Names and versions that it has not loaded yet."""
        self.shift = 0
        """By how many labels its answers are off."""
        self.away: GatewayError | None = None
        self.refusal: tuple[grpc.StatusCode, str] | None = None
        """What its server answers each call with, where it is on a wire."""
        self.refused = 0
        self.delay_seconds = 0.0
        self.calls: list[tuple[str, tuple[bytes, ...], float]] = []
        """Model, faces and budget of each call."""

    async def predict(
        self, model: ServedModel, faces: Sequence[bytes], timeout_seconds: float
    ) -> list[Prediction]:
        """Predict by the first bytes of the faces."""
        self.calls.append((model.name, tuple(faces), timeout_seconds))
        if self.away:
            raise self.away
        await asyncio.sleep(min(self.delay_seconds, timeout_seconds))
        if self.delay_seconds > timeout_seconds:
            waiting_for = f"the model server {self.name}"
            raise DeadlineExceededError(waiting_for)
        classes = len(model.model.labels)
        return [
            Prediction(probabilities_of(face, classes, self.shift), self.served_by)
            for face in faces
        ]

    async def explain(
        self,
        model: ServedModel,
        faces: Sequence[bytes],
        classes: Sequence[int],
        timeout_seconds: float,
    ) -> list[Explanation]:
        """Point at the class's own column of the crop."""
        predictions = await self.predict(model, faces, timeout_seconds)
        return [
            _explanation(prediction, wanted, model.model.input)
            for prediction, wanted in zip(predictions, classes, strict=True)
        ]

    async def serves(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Whether it was not told to lack that version."""
        del timeout_seconds
        return self.away is None and (model.name, model.model.version) not in self.lacks

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Whether it is not away."""
        del model, timeout_seconds
        return self.away is None


class FakeCache:
    """Keeps everything for ever, unless it is away."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.away = False
        self.lookups: list[Sequence[bytes]] = []

    async def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None] | None:
        """Look up, unless away."""
        self.lookups.append(keys)
        return None if self.away else [self.values.get(key) for key in keys]

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep, unless away."""
        if not self.away:
            self.values.update(entries)

    async def ping(self) -> bool:
        """Whether it is not away."""
        return not self.away

    async def close(self) -> None:
        """Forget everything."""
        self.values.clear()


class FakeTimelines:
    """Keeps everything, in order; its time is the number of entries."""

    def __init__(self) -> None:
        self.sessions: dict[str, list[Entry]] = {}
        self.away = False

    async def append(self, session: str, seen: Observed) -> bool:
        """Keep, unless away."""
        if not self.away:
            entries = self.sessions.setdefault(session, [])
            entries.append(Entry(float(len(entries)), seen, f"{len(entries)}000-0"))
        return not self.away

    async def read(
        self, session: str, start: float, end: float, limit: int, after: str = ""
    ) -> Sequence[Entry]:
        """Read, unless away."""
        if self.away:
            raise TimelinesUnavailableError
        if session not in self.sessions:
            raise UnknownSessionError
        entries = self.sessions[session]
        if after:
            start = next(one.at for one in entries if one.cursor == after) + 1
        return [one for one in entries if start <= one.at <= end][:limit]

    async def delete(self, session: str) -> None:
        """Forget, unless away."""
        await self.read(session, 0, 0, 0)
        del self.sessions[session]


@dataclass
class FakeGateway:
    """A real core over fakes, with handles on each of them."""

    max_image_bytes: int = 100_000
    max_in_flight: int = 300
    request_timeout_seconds: float = 5.0
    detector: FakeDetector = field(default_factory=FakeDetector)
    torchserve: FakeBackend = field(default_factory=lambda: FakeBackend("torchserve"))
    tensorflow: FakeBackend = field(default_factory=lambda: FakeBackend("tensorflow-serving"))
    cache: FakeCache = field(default_factory=FakeCache)
    timelines: FakeTimelines = field(default_factory=FakeTimelines)
    metrics: Metrics = field(default_factory=Metrics)
    keys: Keys | None = None
    rate: Rate | None = None
    anonymous: bool = False
    limiter: Limiter = field(default_factory=lambda: Limiter(b"a secret for tests"))
    notice: Notice = field(default_factory=Notice)
    cors_origins: tuple[str, ...] = ()
    settings: dict[str, object] = field(default_factory=dict)
    """Any other settings."""

    def __post_init__(self) -> None:
        settings = Settings.model_validate(
            {
                "max_image_bytes": self.max_image_bytes,
                "max_in_flight": self.max_in_flight,
                "max_uploads": self.max_in_flight,
                "request_timeout_seconds": self.request_timeout_seconds,
                "probe_timeout_seconds": 0.5,
                "cors_origins": " ".join(self.cors_origins),
                "allowed_hosts": "mien",
                **self.settings,
            }
        )
        parts = Parts(
            detector=self.detector,
            pools=(
                Pool(backend=self.torchserve, framework=Framework.PYTORCH),
                Pool(backend=self.tensorflow, framework=Framework.TENSORFLOW),
            ),
            answers=ResultCache(self.cache, CacheKeys(b"a secret for tests"), self.metrics),
            cache=self.cache,
            timelines=self.timelines,
            access=Authenticator(
                limiter=self.limiter,
                metrics=self.metrics,
                keys=self.keys,
                anonymous=self.anonymous,
                rate=self.rate,
            ),
            notice=self.notice,
        )
        parts = guarded(parts, settings, self.metrics)
        self.core = make_core(settings, registry(), parts, self.metrics)
        self.analyzer = self.core.analyzer
