"""Makes a core that speaks to the real parts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from mien_gateway.auth.api_keys import KeyFile
from mien_gateway.auth.authenticator import Authenticator
from mien_gateway.auth.rate_limit import Limiter
from mien_gateway.auth.rates import parse_rate
from mien_gateway.cache.keys import CacheKeys, cache_secret
from mien_gateway.cache.redis_connection import open_redis
from mien_gateway.cache.result_cache import Cache, NoCache, RedisCache, ResultCache
from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.face_detector import GrpcFaceDetector
from mien_gateway.clients.pools import open_pools
from mien_gateway.core import Core, Parts, guarded, make_core
from mien_gateway.drawing.pool import DrawingPool
from mien_gateway.notice import Notice
from mien_gateway.sessions import NoTimelines, RedisTimelines, Timelines
from mien_gateway.settings import Settings
from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.video.service import open_videos
from mien_models.registry import Registry

_TIMELINE_SECONDS = 2.0


@asynccontextmanager
async def open_core(settings: Settings, registry: Registry) -> AsyncIterator[Core]:
    """Yield a core over new channels and a new cache; close them afterwards.

    Nothing is connected before it is first used, so the parts may come later.

    Raises ApiKeysError where the file of keys cannot be used, PoolsError or RegistryError
    where the one of pools cannot.
    """
    limit = settings.max_image_bytes
    async with (
        open_channel(settings.detector_target, limit) as detector,
        AsyncExitStack() as closing,
    ):
        metrics = Metrics()
        secret = cache_secret(settings)
        keys = CacheKeys(secret)
        cache = _cache(settings)
        closing.push_async_callback(cache.close)
        limiter = _limiter(settings, secret)
        closing.push_async_callback(limiter.close)
        parts = Parts(
            detector=GrpcFaceDetector(detector, limit),
            pools=await open_pools(settings, registry, closing),
            answers=ResultCache(cache, keys, metrics),
            cache=cache,
            timelines=_timelines(settings, keys, closing),
            access=_access(settings, limiter, metrics),
            notice=_notice(settings),
        )
        core = make_core(settings, registry, guarded(parts, settings, metrics), metrics)
        closing.push_async_callback(core.analyzer.settle)
        videos = await closing.enter_async_context(
            open_videos(settings, core.metrics.registry, secret)
        )
        drawing = DrawingPool(
            threads=settings.drawing_threads, waiting=settings.max_drawings_waiting
        )
        closing.callback(drawing.close)
        yield replace(core, videos=videos, drawing=drawing)


def _cache(settings: Settings) -> Cache:
    if not settings.redis_url:
        return NoCache()
    return RedisCache.connect(
        settings.redis_url,
        ttl_seconds=settings.cache_ttl_seconds,
        timeout_seconds=settings.redis_timeout_seconds,
    )


def _timelines(settings: Settings, keys: CacheKeys, closing: AsyncExitStack) -> Timelines:
    if not settings.redis_url:
        return NoTimelines()
    # A long timeline takes longer to read than a cached answer.
    client = open_redis(settings.redis_url, _TIMELINE_SECONDS)
    closing.push_async_callback(client.aclose)
    return RedisTimelines(
        client,
        keys,
        ttl_seconds=settings.timeline_ttl_seconds,
        append_seconds=settings.redis_timeout_seconds,
    )


def _access(settings: Settings, limiter: Limiter, metrics: Metrics) -> Authenticator:
    return Authenticator(
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
