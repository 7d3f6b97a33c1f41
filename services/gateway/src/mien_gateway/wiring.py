"""Makes a core that speaks to the real parts."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog

from mien_gateway.access.door import Access
from mien_gateway.access.key_file import KeyFile
from mien_gateway.access.limiter import Limiter
from mien_gateway.access.rates import parse_rate
from mien_gateway.answers import Answers
from mien_gateway.backends.base import Backend
from mien_gateway.backends.tensorflow_serving import TensorFlowServing
from mien_gateway.backends.torchserve import TorchServe
from mien_gateway.cache import Cache, NoCache, RedisCache
from mien_gateway.core import Core
from mien_gateway.detector import FaceDetector, GrpcFaceDetector
from mien_gateway.hops import open_channel
from mien_gateway.keys import CacheKeys
from mien_gateway.metrics import Metrics
from mien_gateway.models import Models
from mien_gateway.monitor import Monitor
from mien_gateway.notice.notice import Notice
from mien_gateway.pipeline import Analyzer
from mien_gateway.settings import Settings
from mien_gateway.slots import Slots
from mien_models.registry import Framework, Registry

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_core(settings: Settings, registry: Registry) -> AsyncIterator[Core]:
    """Yield a core over new channels and a new cache; close them afterwards.

    Nothing is connected before it is first used, so the parts may come later.

    Raises ApiKeysError where the file of keys cannot be used.
    """
    limit = settings.max_image_bytes
    async with (
        open_channel(settings.detector_target, limit) as detector,
        open_channel(settings.torchserve_target, limit) as torchserve,
        open_channel(settings.tensorflow_target, limit) as tensorflow,
        AsyncExitStack() as closing,
    ):
        cache = _cache(settings)
        closing.push_async_callback(cache.close)
        secret = _secret(settings)
        limiter = _limiter(settings, secret)
        closing.push_async_callback(limiter.close)
        backends: dict[Framework, Backend] = {
            Framework.PYTORCH: TorchServe(torchserve),
            Framework.TENSORFLOW: TensorFlowServing(tensorflow),
        }
        core = _core(
            settings,
            Models(registry, backends),
            GrpcFaceDetector(detector, limit),
            cache,
            limiter,
            secret,
        )
        closing.push_async_callback(core.analyzer.settle)
        yield core


def _core(
    settings: Settings,
    models: Models,
    detector: FaceDetector,
    cache: Cache,
    limiter: Limiter,
    secret: bytes,
) -> Core:
    metrics = Metrics()
    return Core(
        analyzer=Analyzer(
            detector=detector,
            models=models,
            answers=Answers(cache, CacheKeys(secret), metrics),
            metrics=metrics,
            slots=Slots(settings.max_in_flight),
            max_image_bytes=settings.max_image_bytes,
        ),
        models=models,
        monitor=Monitor(
            detector=detector,
            models=models,
            cache=cache,
            metrics=metrics,
            timeout_seconds=settings.probe_timeout_seconds,
        ),
        metrics=metrics,
        access=_access(settings, limiter, metrics),
        notice=_notice(settings),
        cors_origins=tuple(settings.cors_origins.replace(",", " ").split()),
        request_timeout_seconds=settings.request_timeout_seconds,
        max_image_bytes=settings.max_image_bytes,
        max_uploads=settings.max_uploads,
    )


def _cache(settings: Settings) -> Cache:
    if not settings.redis_url:
        return NoCache()
    return RedisCache.connect(
        settings.redis_url,
        ttl_seconds=settings.cache_ttl_seconds,
        timeout_seconds=settings.redis_timeout_seconds,
    )


def _access(settings: Settings, limiter: Limiter, metrics: Metrics) -> Access:
    return Access(
        limiter=limiter,
        metrics=metrics,
        keys=KeyFile(Path(settings.api_keys_file)) if settings.api_keys_file else None,
        anonymous=settings.allow_anonymous,
        rate=parse_rate(settings.rate_limit) if settings.rate_limit else None,
    )


def _limiter(settings: Settings, secret: bytes) -> Limiter:
    if not settings.redis_url:
        return Limiter(secret)
    return Limiter.connect(
        settings.redis_url, secret=secret, timeout_seconds=settings.redis_timeout_seconds
    )


def _notice(settings: Settings) -> Notice:
    return Notice(
        purpose=settings.intended_purpose,
        operator=settings.operator,
        answers_kept_seconds=settings.cache_ttl_seconds if settings.redis_url else 0,
    )


def _secret(settings: Settings) -> bytes:
    if settings.cache_key:
        return settings.cache_key.get_secret_value().encode()
    if settings.redis_url:
        _log.warning(
            "cache key drawn",
            remedy="set MIEN_GATEWAY_CACHE_KEY to keep the cache, and to share rate limits",
        )
    return secrets.token_bytes(32)
