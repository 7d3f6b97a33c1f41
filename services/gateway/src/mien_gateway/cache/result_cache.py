"""The result cache: finished answers in Redis, looked up before the work and written behind it."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import structlog
from redis.exceptions import RedisError, ResponseError

from mien_gateway.cache.keys import CacheKeys
from mien_gateway.cache.redis_connection import LateReplyError, RedisConnection, raise_for_error
from mien_gateway.cache.serialization import (
    decode_findings,
    decode_prediction,
    encode_findings,
    encode_prediction,
)
from mien_gateway.domain import CacheStatus, DetectorIdentity, Findings, Prediction
from mien_gateway.resilience.limits import Backoff
from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.telemetry.tracing import annotate, span
from mien_models.registry import ServedModel

_log = structlog.get_logger(__name__)

# So that what was stored together does not expire together.
_TTL_JITTER = 0.1


class Cache(Protocol):
    """Keeps small values for a while."""

    async def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None] | None:
        """Return one value, or None, per key; None alone where the cache did not answer."""

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep the values until they expire; silently does nothing where that fails."""

    async def ping(self) -> bool | None:
        """Whether it answers; None where there is no cache by choice."""

    async def close(self) -> None:
        """Let go of the connections."""


class NoCache:
    """Keeps nothing."""

    async def get_many(self, keys: Sequence[bytes]) -> None:
        """Never answers."""
        del keys

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """Does nothing."""
        del entries

    async def ping(self) -> None:
        """Says that there is none."""

    async def close(self) -> None:
        """Does nothing."""


class RedisCache:
    """Keeps values in Redis, each with an expiry.

    A reply that is late costs its caller one short timeout; until it has come, nobody else asks.
    After a failure, or a second of late replies, Redis is left alone for `cooldown_seconds`;
    then one caller at a time tries again.
    """

    def __init__(
        self, connection: RedisConnection, *, ttl_seconds: float, cooldown_seconds: float
    ) -> None:
        self._connection = connection
        self._ttl_seconds = ttl_seconds
        self._backoff = Backoff("cache", cooldown_seconds)
        self._refuses = False

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        ttl_seconds: float,
        timeout_seconds: float,
        cooldown_seconds: float = 1.0,
    ) -> Self:
        """Make one for `redis://host:port/db`; nothing is opened before the first use."""
        connection = RedisConnection(url, timeout_seconds)
        return cls(connection, ttl_seconds=ttl_seconds, cooldown_seconds=cooldown_seconds)

    async def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None] | None:
        """One MGET for all keys."""
        if self._connection.is_behind or self._backoff.is_open():
            return None
        try:
            (values,) = raise_for_error(await self._connection.execute((b"MGET", *keys)))
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        self._backoff.record_success()
        return list(values)

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """One round trip for all entries."""
        if self._connection.is_behind or self._backoff.is_open():
            return
        commands = [
            (b"SET", key, value, b"PX", self._expiry_milliseconds())
            for key, value in entries.items()
        ]
        try:
            replies = await self._connection.execute(*commands)
        except (RedisError, OSError) as error:
            self._failed(error)
            return
        self._backoff.record_success()
        self._note_refusal(
            next((reply for reply in replies if isinstance(reply, ResponseError)), None)
        )

    async def ping(self) -> bool:
        """Ask Redis itself, whether or not it failed a moment ago."""
        try:
            raise_for_error(await self._connection.execute((b"PING",)))
        except (RedisError, OSError) as error:
            self._failed(error)
            return False
        self._backoff.record_success()
        return True

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, LateReplyError):
            self._backoff.record_failure(error)

    def _expiry_milliseconds(self) -> int:
        jitter = random.uniform(1 - _TTL_JITTER, 1 + _TTL_JITTER)  # noqa: S311 - no secret
        return max(1, int(self._ttl_seconds * 1000 * jitter))

    def _note_refusal(self, refusal: Exception | None) -> None:
        """Say once that Redis is full or read-only; it can still be read."""
        if refusal and not self._refuses:
            _log.warning("cache keeps nothing", error=str(refusal))
        self._refuses = refusal is not None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found for a picture; the status says why there may be nothing."""

    findings: Findings | None
    status: CacheStatus


class ResultCache:
    """Finds and keeps answers; never raises for the cache's sake."""

    def __init__(self, cache: Cache, keys: CacheKeys, metrics: Metrics) -> None:
        self._cache = cache
        self._keys = keys
        self._metrics = metrics

    def frame_key(self, image: bytes, model: ServedModel, detector: DetectorIdentity) -> bytes:
        """Return what names this picture under this model and detector."""
        return self._keys.frame(image, model, detector)

    async def find(self, key: bytes, model: ServedModel) -> Lookup:
        """Look a whole answer up."""
        with span("cache", lookup="frame"):
            values = await self._cache.get_many([key])
            if values is None:
                self._count("frame", away=1)
                return Lookup(None, CacheStatus.BYPASS)
            findings = values[0] and decode_findings(values[0], len(model.model.labels))
            if not findings:
                self._count("frame", miss=1)
                return Lookup(None, CacheStatus.MISS)
            self._count("frame", hit=1)
            return Lookup(findings, CacheStatus.HIT)

    async def find_faces(
        self, crops: Sequence[bytes], model: ServedModel, detector: DetectorIdentity
    ) -> list[Prediction | None]:
        """Look every face up, in one go."""
        with span("cache", lookup="face"):
            values = await self._cache.get_many(
                [self._keys.face(crop, model, detector) for crop in crops]
            )
            if values is None:
                self._count("face", away=len(crops))
                return [None] * len(crops)
            classes = len(model.model.labels)
            found = [value and decode_prediction(value, classes) for value in values]
            misses = sum(1 for prediction in found if not prediction)
            self._count("face", miss=misses, hit=len(crops) - misses)
            return [prediction or None for prediction in found]

    async def keep(
        self,
        key: bytes,
        model: ServedModel,
        findings: Findings,
        computed: Sequence[tuple[bytes, Prediction]],
    ) -> None:
        """Keep a whole answer under its key, and the faces, crop and prediction, behind it."""
        entries = {
            self._keys.face(crop, model, findings.detector): encode_prediction(prediction)
            for crop, prediction in computed
        }
        entries[key] = encode_findings(findings)
        await self._cache.put_many(entries)

    def _count(self, kind: str, **results: int) -> None:
        """Tell metrics and the span under way what came of a lookup."""
        for result, number in results.items():
            self._metrics.count_lookup(kind, result, number)
        annotate(**results)


class CacheWriter:
    """Writes finished answers, each in a task of its own."""

    def __init__(self, answers: ResultCache) -> None:
        self._answers = answers
        self._keeping: set[asyncio.Task[None]] = set()

    def write(
        self,
        image: bytes,
        model: ServedModel,
        findings: Findings,
        computed: Sequence[tuple[bytes, Prediction]],
        key: bytes = b"",
    ) -> None:
        """Keep the answer for a picture and for the faces computed for it.

        `key` is the picture's where it is known already: hashing it takes time.
        """
        key = key or self._answers.frame_key(image, model, findings.detector)
        task = asyncio.create_task(self._answers.keep(key, model, findings, computed))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def settle(self) -> None:
        """Wait until the answers given so far are kept."""
        await asyncio.gather(*self._keeping)
