"""Runs the gateway: two servers in one process over one core."""

import asyncio
import contextlib
import math
import signal
import socket
from collections.abc import Iterator, Mapping

import structlog
import uvicorn

from mien_gateway.core import Core
from mien_gateway.grpc.server import GrpcServer
from mien_gateway.http.app import create_http_app
from mien_gateway.http.routes.stream import WebSocketProtocol
from mien_gateway.http.static import PageFile, load_page
from mien_gateway.settings import Settings
from mien_gateway.wiring import open_core
from mien_models.registry import Registry

_log = structlog.get_logger(__name__)

# Connections that may wait to be accepted.
_BACKLOG = 2048


class AddressInUseError(OSError):
    """An address to listen on cannot be had; the message names it and the setting."""


async def serve(settings: Settings, registry: Registry) -> None:
    """Run until SIGTERM or SIGINT, then finish what is under way.

    Raises AddressInUseError where an address cannot be had, ApiKeysError where the file of
    keys cannot be used, and PageError where the web page cannot.
    """
    page = load_page(settings.page_dir) if settings.page_dir else {}
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_core(settings, registry) as core:
        listener = _listen(settings)
        grpc_server = _grpc_server(core, settings)
        rest_server = _rest_server(core, settings, page)
        await grpc_server.start()
        rest = asyncio.create_task(rest_server.serve(sockets=[listener]))
        watching = asyncio.create_task(watch(core, grpc_server, settings.probe_interval_seconds))
        _log.info(
            "listening",
            rest=_address(settings.rest_host, listener.getsockname()[1]),
            grpc=_address(settings.grpc_host, grpc_server.port),
        )
        await _until(stop, rest, watching)
        _log.info("stopping", in_flight=core.analyzer.in_flight)
        await _drain(core, grpc_server, settings.drain_seconds)
        watching.cancel()
        rest_server.should_exit = True
        await asyncio.gather(rest, grpc_server.stop(settings.shutdown_seconds))
    _log.info("stopped")


async def _drain(core: Core, grpc_server: GrpcServer, seconds: float) -> None:
    """Say that no more should come, wait until that was heard, and end the live streams."""
    core.monitor.draining = True
    await grpc_server.set_ready(ready=False)
    await asyncio.sleep(seconds)
    core.draining.set()


async def _until(stop: asyncio.Event, *running: asyncio.Task[None]) -> None:
    """Wait for the stop; raise what one of the tasks raises, since none ends by itself."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((stopped, *running), return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        if task.done():
            task.result()


class _Uvicorn(uvicorn.Server):
    """Leaves the signals to `serve`, which has two servers to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _rest_server(core: Core, settings: Settings, page: Mapping[str, PageFile]) -> uvicorn.Server:
    return _Uvicorn(
        uvicorn.Config(
            create_http_app(core, page),
            loop="none",
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws=WebSocketProtocol,
            ws_max_size=settings.max_image_bytes,
            # Frames are JPEGs: packing them again gains nothing.
            ws_per_message_deflate=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds),
        )
    )


async def watch(core: Core, server: GrpcServer, interval_seconds: float) -> None:
    """Follow the registry and probe the parts until cancelled; no failure of these ends it."""

    async def probe() -> None:
        report = await core.monitor.check()
        await server.set_ready(ready=report.ready)

    while True:
        for step in (core.registry_watch.look, probe):
            try:
                await step()
            except Exception:  # noqa: BLE001 - the next time may succeed
                _log.exception("watch failed", step=step.__name__)
        await asyncio.sleep(interval_seconds)


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
        return GrpcServer(core, address, settings.grpc_max_connection_age_seconds)
    except RuntimeError as error:
        message = f"gRPC cannot listen on {address}: is the port in use? Set MIEN_GATEWAY_GRPC_PORT"
        raise AddressInUseError(message) from error


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
