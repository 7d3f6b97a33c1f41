"""Puts the service together."""

import asyncio
import signal

import cv2
import structlog

from mien_detector.detectors.factory import Detector, make_detector
from mien_detector.pipeline import FaceFinder
from mien_detector.pool import WorkPool
from mien_detector.settings import Settings
from mien_detector.transport.server import DetectorServer, Servicer

_log = structlog.get_logger()


def make_finder(settings: Settings, detector: Detector) -> FaceFinder:
    """Return what finds faces by these settings."""
    return FaceFinder(
        detector,
        limits=settings.limits,
        selection=settings.selection,
        detection_side=settings.detection_side,
        response_bytes=settings.max_image_bytes,
    )


def make_server(settings: Settings, finder: FaceFinder, pool: WorkPool) -> DetectorServer:
    """Return a server that is not listening yet."""
    servicer = Servicer(finder, pool, timeout_seconds=settings.request_timeout_seconds)
    return DetectorServer(
        servicer,
        address=settings.address,
        message_bytes=settings.message_bytes,
        max_connection_age_seconds=settings.max_connection_age_seconds,
    )


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then end in good order.

    Raises:
        StartError: the detector cannot be made, or the address not be listened on.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    cv2.setNumThreads(1)  # the pool keeps the cores busy, one picture each
    detector = await asyncio.to_thread(make_detector, settings.detector, settings.model_source)
    finder = make_finder(settings, detector)
    pool = WorkPool(workers=settings.workers, queue=settings.queue)
    server = make_server(settings, finder, pool)
    port = await server.start()
    _log.info("serving", port=port, detector=finder.version, workers=settings.workers)
    await stopping.wait()
    _log.info("stopping", grace_seconds=settings.grace_seconds)
    await server.stop(settings.grace_seconds)
    pool.close()
    _log.info("stopped")
