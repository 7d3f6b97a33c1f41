"""Puts the parts together and runs them: two servers in one process over one core."""

import asyncio
import contextlib
import math
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
import uvicorn

from mien_gateway.answers import Answers
from mien_gateway.backends.base import Backend
from mien_gateway.backends.tensorflow_serving import TensorFlowServing
from mien_gateway.backends.torchserve import TorchServe
from mien_gateway.cache import Cache, NoCache, RedisCache
from mien_gateway.core import Core
from mien_gateway.detector import GrpcFaceDetector
from mien_gateway.grpc.server import GrpcServer
from mien_gateway.hops import open_channel
from mien_gateway.http.app import create_http_app
from mien_gateway.keys import CacheKeys
from mien_gateway.metrics import Metrics
from mien_gateway.models import Models
from mien_gateway.monitor import Monitor
from mien_gateway.pipeline import Analyzer
from mien_gateway.settings import Settings
from mien_gateway.slots import Slots
from mien_models.registry import Framework, Registry

_log = structlog.get_logger(__name__)

# Connections that may wait to be accepted.
_BACKLOG = 2048


class AddressInUseError(OSError):
    """An address to listen on cannot be had; the message names it and the setting."""


@asynccontextmanager
async def open_core(settings: Settings, registry: Registry) -> AsyncIterator[Core]:
    """Yield a core that speaks to the real parts; close what it opened afterwards."""
    async with AsyncExitStack() as stack:
        channels = {
            target: await stack.enter_async_context(open_channel(target, settings.max_image_bytes))
            for target in (
                settings.detector_target,
                settings.torchserve_target,
                settings.tensorflow_target,
            )
        }
        cache = _cache(settings)
        stack.push_async_callback(cache.close)
        backends: dict[Framework, Backend] = {
            Framework.PYTORCH: TorchServe(channels[settings.torchserve_target]),
            Framework.TENSORFLOW: TensorFlowServing(channels[settings.tensorflow_target]),
        }
        detector = GrpcFaceDetector(channels[settings.detector_target], settings.max_image_bytes)
        metrics = Metrics()
        models = Models(registry, backends)
        analyzer = Analyzer(
            detector=detector,
            models=models,
            answers=Answers(cache, CacheKeys(_cache_secret(settings)), metrics),
            metrics=metrics,
            slots=Slots(settings.max_in_flight),
            max_image_bytes=settings.max_image_bytes,
        )
        stack.push_async_callback(analyzer.settle)
        yield Core(
            analyzer=analyzer,
            models=models,
            monitor=Monitor(
                detector=detector,
                models=models,
                cache=cache,
                metrics=metrics,
                timeout_seconds=settings.probe_timeout_seconds,
            ),
            metrics=metrics,
            request_timeout_seconds=settings.request_timeout_seconds,
            max_image_bytes=settings.max_image_bytes,
            max_uploads=settings.max_uploads,
        )


async def serve(settings: Settings, registry: Registry) -> None:
    """Run until SIGTERM or SIGINT, then finish what is under way.

    Raises AddressInUseError where an address cannot be had.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_core(settings, registry) as core:
        listener = _listen(settings)
        grpc_server = _grpc_server(core, settings)
        rest_server = _Uvicorn(
            uvicorn.Config(
                create_http_app(core),
                loop="none",
                http="httptools",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds),
            )
        )
        await grpc_server.start()
        rest = asyncio.create_task(rest_server.serve(sockets=[listener]))
        watch = asyncio.create_task(
            _watch(core.monitor, grpc_server, settings.probe_interval_seconds)
        )
        _log.info(
            "listening",
            rest=_address(settings.rest_host, listener.getsockname()[1]),
            grpc=_address(settings.grpc_host, grpc_server.port),
        )
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((stopped, rest, watch), return_when=asyncio.FIRST_COMPLETED)
        for task in (rest, watch):
            if task.done():  # neither ends by itself unless it failed
                task.result()
        _log.info("stopping", in_flight=core.analyzer.in_flight)
        core.monitor.draining = True
        watch.cancel()
        rest_server.should_exit = True
        await asyncio.gather(rest, grpc_server.stop(settings.shutdown_seconds))
    _log.info("stopped")


class _Uvicorn(uvicorn.Server):
    """Leaves the signals to `serve`, which has two servers to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _watch(monitor: Monitor, server: GrpcServer, interval_seconds: float) -> None:
    while True:
        report = await monitor.check()
        await server.set_ready(ready=report.ready)
        await asyncio.sleep(interval_seconds)


def _cache(settings: Settings) -> Cache:
    if not settings.redis_url:
        return NoCache()
    return RedisCache.connect(
        settings.redis_url,
        ttl_seconds=settings.cache_ttl_seconds,
        timeout_seconds=settings.redis_timeout_seconds,
    )


def _cache_secret(settings: Settings) -> bytes:
    if settings.cache_key:
        return settings.cache_key.get_secret_value().encode()
    if settings.redis_url:
        _log.warning("cache key drawn", remedy="set MIEN_GATEWAY_CACHE_KEY to keep the cache")
    return secrets.token_bytes(32)


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.rest_host, settings.rest_port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        message = (
            f"REST cannot listen on {_address(host, port)}: {error.strerror}; "
            "set MIEN_GATEWAY_REST_PORT"
        )
        raise AddressInUseError(message) from error


def _grpc_server(core: Core, settings: Settings) -> GrpcServer:
    address = _address(settings.grpc_host, settings.grpc_port)
    try:
        return GrpcServer(core, address)
    except RuntimeError as error:
        message = f"gRPC cannot listen on {address}: is the port in use? Set MIEN_GATEWAY_GRPC_PORT"
        raise AddressInUseError(message) from error


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
