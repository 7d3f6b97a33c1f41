"""The FaceDetector service: read the request, have it done, write the answer."""

import asyncio
from functools import partial
from typing import TypeAlias

import grpc
import structlog
from mien.v1 import face_detector_pb2 as pb
from mien.v1 import face_detector_pb2_grpc as pb_grpc

from mien_detector.errors import DetectorError, TooSlowError
from mien_detector.finder import FaceFinder
from mien_detector.logs import REQUEST_ID, bind_request_id
from mien_detector.pool import WorkPool
from mien_detector.tracing import server_span
from mien_detector.transport.convert import read_selection, read_shape, write_findings
from mien_detector.transport.errors import abort
from mien_detector.values import Findings

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
