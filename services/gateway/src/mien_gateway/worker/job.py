"""The tracker of videos: the one of live streams, with the same smoothing."""

import asyncio
import os
import signal

import structlog
import uvloop

from mien_gateway.settings import Settings
from mien_gateway.telemetry.logging import accept_or_make, bind_request_id
from mien_gateway.telemetry.tracing import traced
from mien_gateway.tracking.smoothing import Smoothing
from mien_gateway.tracking.tracker import FaceTracker
from mien_gateway.video.processor import VideoProcessor
from mien_gateway.video.results import FaceTracks
from mien_gateway.wiring import open_core
from mien_models.registry import Registry, RegistryError, load_registry

_log = structlog.get_logger(__name__)


def make_tracks(smoothing_seconds: float | None) -> FaceTracks:
    """Return the tracks of one video; 0 seconds switch smoothing off."""
    if smoothing_seconds is None:
        return FaceTracker()
    return FaceTracker(Smoothing(time_constant_seconds=smoothing_seconds))


_LOOK_SECONDS = 0.3


# A queue knows its functions by their names alone, and forks later.
_settings: Settings | None = None
_registry: Registry | None = None


def prepare(settings: Settings) -> None:
    """Set what jobs need.

    Raises RegistryError for a list of models that cannot be used.
    """
    global _settings, _registry
    _settings, _registry = settings, load_registry(settings.registry)


def read_registry() -> None:
    """Read the list of models for the next job; one that cannot be used changes nothing."""
    try:
        if _settings is not None:
            prepare(_settings)
    except RegistryError as error:
        _log.error("registry not taken up", reason=str(error))


def work_off(identifier: str) -> None:
    """Work one job off."""
    if _settings is None or _registry is None:
        message = "jobs run in a worker: start it with `python -m mien_gateway.worker`"
        raise RuntimeError(message)
    # Here and not in the worker: what sends spans is a thread, and a fork has none.
    with traced("mien-worker", _settings.otlp_endpoint, _settings.trace_ratio):
        uvloop.run(_work_off(_settings, _registry, identifier))


async def _work_off(settings: Settings, registry: Registry, identifier: str) -> None:
    # Not the job's id, which opens the results, and is in no log and no call to another service.
    bind_request_id(accept_or_make(None))
    async with open_core(settings, registry) as core:
        if core.videos is None:
            message = "a job came from a queue, but there is no Redis in the settings"
            raise RuntimeError(message)
        runner = VideoProcessor(
            core.videos, core.analyzer, core.models, core.label_policy, make_tracks
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runner.stop.set)
        # The worker holds it back since it began this process.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        orphaned = asyncio.create_task(_stop_without_parent(runner.stop))
        await runner.run(identifier)
        orphaned.cancel()


async def _stop_without_parent(stop: asyncio.Event) -> None:
    """Give the job back when the worker was killed: nobody would watch over it."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody else can tell
        await asyncio.sleep(_LOOK_SECONDS)
    stop.set()
