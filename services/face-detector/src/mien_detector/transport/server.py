"""The gRPC server and its servicer."""

import asyncio
from functools import partial
from typing import TypeAlias

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection
from mien.v1 import face_detector_pb2 as pb
from mien.v1 import face_detector_pb2_grpc as pb_grpc

from mien_detector.errors import DetectorError, StartError, TooSlowError
from mien_detector.pipeline import FaceFinder
from mien_detector.pool import WorkPool
from mien_detector.telemetry import REQUEST_ID, bind_request_id, server_span
from mien_detector.transport.convert import read_selection, read_shape, write_findings
from mien_detector.transport.errors import abort
from mien_detector.types import Findings

_log = structlog.get_logger()

_DETECT = "mien.v1.FaceDetector/Detect"

DetectContext: TypeAlias = "grpc.aio.ServicerContext[pb.DetectRequest, pb.DetectResponse]"
InfoContext: TypeAlias = "grpc.aio.ServicerContext[pb.GetDetectorRequest, pb.GetDetectorResponse]"


class Servicer(pb_grpc.FaceDetectorServicer):
    """Answers calls; the event loop only passes work on."""

    def __init__(self, finder: FaceFinder, pool: WorkPool, *, timeout_seconds: float) -> None:
        """Take what does the work, and the time a request may take at most."""
        self._finder = finder
        self._pool = pool
        self._timeout_seconds = timeout_seconds
        self._info = pb.DetectorInfo(name=finder.name, version=finder.version)

    async def Detect(  # noqa: N802 - named by the contract
        self, request: pb.DetectRequest, context: DetectContext
    ) -> pb.DetectResponse:
        """Find the faces of one picture."""
        metadata = context.invocation_metadata() or ()
        bind_request_id(dict(metadata).get(REQUEST_ID))
        try:
            with server_span(_DETECT, metadata):
                return await self._answer(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a status
            await abort(context, error)

    async def GetDetector(  # noqa: N802 - named by the contract
        self, request: pb.GetDetectorRequest, context: InfoContext
    ) -> pb.GetDetectorResponse:
        """Say what detects here, and up to which size."""
        del request, context
        limits = self._finder.limits
        return pb.GetDetectorResponse(
            detector=self._info,
            max_image_bytes=limits.max_bytes,
            max_image_pixels=limits.max_pixels,
        )

    async def _answer(self, request: pb.DetectRequest) -> pb.DetectResponse:
        try:
            return write_findings(await self._find(request), self._info)
        except DetectorError:
            raise
        except Exception:
            _log.exception("a request failed")
            raise

    async def _find(self, request: pb.DetectRequest) -> Findings:
        selection = read_selection(request, self._finder.selection)
        work = partial(self._finder.find, request.image, selection, read_shape(request))
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._pool.run(work)
        except TimeoutError as error:
            message = f"the picture was not done within {self._timeout_seconds:g} s"
            raise TooSlowError(message) from error


SERVICE = pb.DESCRIPTOR.services_by_name["FaceDetector"].full_name


class DetectorServer:
    """Listens from `start` to `stop`."""

    def __init__(
        self,
        servicer: Servicer,
        *,
        address: str,
        message_bytes: int,
        max_connection_age_seconds: float,
    ) -> None:
        """Take the servicer, host:port, and the largest message in either direction."""
        self._address = address
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", message_bytes),
                # Without this a second server would silently share the port of the first.
                ("grpc.so_reuseport", 0),
                # Callers look names up again when they must connect again.
                ("grpc.max_connection_age_ms", round(1000 * max_connection_age_seconds)),
            ]
        )
        self._health = health.HealthServicer()
        pb_grpc.add_FaceDetectorServicer_to_server(servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
        reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), self._server)

    async def start(self) -> int:
        """Listen, and return the port.

        Raises:
            StartError: the address cannot be listened on.
        """
        try:
            port = self._server.add_insecure_port(self._address)
        except RuntimeError as error:
            message = (
                f"cannot listen on {self._address}: the port is in use or not allowed; "
                "choose another with MIEN_DETECTOR_ADDRESS"
            )
            raise StartError(message) from error
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self, grace_seconds: float) -> None:
        """Report NOT_SERVING, take no new calls, and let those in flight end."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)
