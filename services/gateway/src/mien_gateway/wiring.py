"""Makes a core that speaks to the real parts."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import httpx
import structlog

from mien_gateway.answers import Answers
from mien_gateway.assembly import Parts, guarded, make_core
from mien_gateway.backends.tensorflow_serving import TensorFlowServing
from mien_gateway.backends.torchserve import TorchServe
from mien_gateway.cache import Cache, NoCache, RedisCache
from mien_gateway.core import Core
from mien_gateway.detector import GrpcFaceDetector
from mien_gateway.drawing.pool import DrawingPool
from mien_gateway.hops import open_channel
from mien_gateway.keys import CacheKeys
from mien_gateway.metrics import Metrics
from mien_gateway.redis_client import open_redis
from mien_gateway.settings import Settings
from mien_gateway.timelines import NoTimelines, RedisTimelines, Timelines
from mien_gateway.video.opening import open_videos
from mien_models.registry import Framework, Registry

_log = structlog.get_logger(__name__)

_TIMELINE_SECONDS = 2.0


@asynccontextmanager
async def open_core(settings: Settings, registry: Registry) -> AsyncIterator[Core]:
    """Yield a core over new channels and a new cache; close them afterwards.

    Nothing is connected before it is first used, so the parts may come later.
    """
    limit = settings.max_image_bytes
    async with (
        open_channel(settings.detector_target, limit) as detector,
        open_channel(settings.torchserve_target, limit) as torchserve,
        open_channel(settings.tensorflow_target, limit) as tensorflow,
        # As with the channels: whatever proxies the environment names.
        httpx.AsyncClient(base_url=settings.torchserve_rest_url, trust_env=False) as rest,
        AsyncExitStack() as closing,
    ):
        metrics = Metrics()
        keys = CacheKeys(_cache_secret(settings))
        cache = _cache(settings)
        closing.push_async_callback(cache.close)
        parts = Parts(
            detector=GrpcFaceDetector(detector, limit),
            backends={
                Framework.PYTORCH: TorchServe(torchserve, rest),
                Framework.TENSORFLOW: TensorFlowServing(tensorflow),
            },
            answers=Answers(cache, keys, metrics),
            cache=cache,
            timelines=_timelines(settings, keys, closing),
        )
        core = make_core(settings, registry, guarded(parts, settings, metrics), metrics)
        closing.push_async_callback(core.analyzer.settle)
        videos = await closing.enter_async_context(open_videos(settings, core.metrics.registry))
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


def _cache_secret(settings: Settings) -> bytes:
    if settings.cache_key:
        return settings.cache_key.get_secret_value().encode()
    if settings.redis_url:
        _log.warning("cache key drawn", remedy="set MIEN_GATEWAY_CACHE_KEY to keep the cache")
    return secrets.token_bytes(32)
