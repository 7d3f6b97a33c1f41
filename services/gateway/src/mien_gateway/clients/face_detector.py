"""The face detector's gRPC client."""

import math
from collections.abc import Callable
from typing import Protocol

import grpc
import grpc.aio
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from mien.v1 import face_detector_pb2 as pb
from mien.v1.face_detector_pb2_grpc import FaceDetectorStub

from mien_gateway.clients.channel import ErrorMap, map_errors, request_metadata
from mien_gateway.domain import (
    Box,
    DetectedFace,
    Detection,
    DetectorIdentity,
    DetectorSteps,
    ImageSize,
    Landmarks,
    Point,
)
from mien_gateway.errors import (
    BadDetectorAnswerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    EmptyImageError,
    GatewayError,
    ImageTooLargeError,
    OverloadedError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedMediaTypeError,
)
from mien_models.registry import InputShape

_NAME = "The face detector"


def detector_errors(max_image_bytes: int) -> ErrorMap:
    """Return the error for every status; the limit is named to a caller who exceeds it."""
    faults = image_faults(max_image_bytes)

    def refused(error: grpc.aio.AioRpcError) -> GatewayError:
        fault = faults.get(_reason(error))
        return fault() if fault else _bad_answer(error)

    code = grpc.StatusCode
    return {
        code.INVALID_ARGUMENT: refused,
        code.DEADLINE_EXCEEDED: lambda _: DeadlineExceededError("the face detector"),
        code.RESOURCE_EXHAUSTED: lambda _: OverloadedError(_NAME),
        # A server that stops cancels what it has under way.
        **dict.fromkeys(
            (code.UNAVAILABLE, code.CANCELLED, code.ABORTED), lambda _: DetectorUnavailableError()
        ),
        **dict.fromkeys(
            (
                code.UNKNOWN,
                code.NOT_FOUND,
                code.ALREADY_EXISTS,
                code.PERMISSION_DENIED,
                code.UNAUTHENTICATED,
                code.FAILED_PRECONDITION,
                code.OUT_OF_RANGE,
                code.UNIMPLEMENTED,
                code.INTERNAL,
                code.DATA_LOSS,
            ),
            _bad_answer,
        ),
    }


def image_faults(max_image_bytes: int) -> dict[str, Callable[[], GatewayError]]:
    """Return the error for the name of every ImageFault that the detector may report."""
    return {
        pb.ImageFault.Name(fault): error
        for fault, error in (
            (pb.IMAGE_FAULT_EMPTY, EmptyImageError),
            (pb.IMAGE_FAULT_UNSUPPORTED_FORMAT, UnsupportedMediaTypeError),
            (pb.IMAGE_FAULT_UNREADABLE, UnreadableImageError),
            (pb.IMAGE_FAULT_TOO_MANY_BYTES, lambda: ImageTooLargeError(max_image_bytes)),
            (pb.IMAGE_FAULT_TOO_MANY_PIXELS, TooManyPixelsError),
        )
    }


def _reason(error: grpc.aio.AioRpcError) -> str:
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        return ""
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status else ():
        if detail.Unpack(info) and info.domain == "mien":
            return str(info.reason)
    return ""


def _bad_answer(error: grpc.aio.AioRpcError) -> BadDetectorAnswerError:
    return BadDetectorAnswerError(f"{error.code().name}: {error.details()}")


# How it is called where callers and operators read of it.
PART = "face-detector"


class FaceDetector(Protocol):
    """Finds faces and cuts them out."""

    @property
    def known(self) -> DetectorIdentity | None:
        """What detects, as last known; None where nothing is known yet."""

    async def detect(
        self,
        image: bytes,
        crop: InputShape,
        timeout_seconds: float,
        minimum_score: float | None = None,
    ) -> Detection:
        """Return the faces of an encoded picture, with crops of that shape.

        Without a score from 0 to 1, the detector's own setting says which faces are sure
        enough. Raises a CallerError for a picture that cannot be read, and the errors of a hop.
        """

    async def identity(self, timeout_seconds: float) -> DetectorIdentity:
        """Return what detects, as last known; asks only when nothing is known yet."""

    async def probe(self, timeout_seconds: float) -> DetectorIdentity:
        """Ask what detects now; raises the errors of a hop."""


class GrpcFaceDetector:
    """The face-detector service."""

    def __init__(self, channel: grpc.aio.Channel, max_image_bytes: int) -> None:
        self._stub = FaceDetectorStub(channel)
        self._errors = detector_errors(max_image_bytes)
        self.known: DetectorIdentity | None = None

    async def detect(
        self,
        image: bytes,
        crop: InputShape,
        timeout_seconds: float,
        minimum_score: float | None = None,
    ) -> Detection:
        """Call Detect."""
        request = pb.DetectRequest(
            image=image,
            crop=pb.CropShape(height=crop.height, width=crop.width, channels=crop.channels),
            minimum_score=minimum_score,
        )
        with map_errors(self._errors):
            response = await self._stub.Detect(
                request, timeout=timeout_seconds, metadata=request_metadata()
            )
        self.known = _identity(response.detector)
        return Detection(
            image=ImageSize(response.image.width, response.image.height),
            faces=tuple(_face(face, crop) for face in response.faces),
            detector=self.known,
            steps=_steps(response.timings),
        )

    async def identity(self, timeout_seconds: float) -> DetectorIdentity:
        """Return the last answer's; what is known stays known while the service is away."""
        return self.known or await self.probe(timeout_seconds)

    async def probe(self, timeout_seconds: float) -> DetectorIdentity:
        """Call GetDetector."""
        with map_errors(self._errors):
            response = await self._stub.GetDetector(
                pb.GetDetectorRequest(), timeout=timeout_seconds, metadata=request_metadata()
            )
        self.known = _identity(response.detector)
        return self.known


def _identity(info: pb.DetectorInfo) -> DetectorIdentity:
    if not info.version:
        reason = "the detector does not say its version"
        raise BadDetectorAnswerError(reason)
    return DetectorIdentity(info.name, info.version)


def _steps(timings: pb.DetectTimings) -> DetectorSteps:
    return DetectorSteps(
        decode=timings.decode_ms / 1000,
        find=timings.detect_ms / 1000,
        crop=timings.crop_ms / 1000,
    )


def _face(face: pb.DetectedFace, crop: InputShape) -> DetectedFace:
    if len(face.crop) != crop.size_bytes:
        reason = f"a crop of {len(face.crop)} bytes instead of {crop.size_bytes}"
        raise BadDetectorAnswerError(reason)
    box, marks = face.box, face.landmarks
    points = (marks.left_eye, marks.right_eye, marks.nose, marks.left_mouth, marks.right_mouth)
    numbers = (box.x, box.y, box.width, box.height, face.score, face.sharpness)
    if not all(map(math.isfinite, (*numbers, *(p.x for p in points), *(p.y for p in points)))):
        reason = "a face whose place or score is no number"
        raise BadDetectorAnswerError(reason)
    return DetectedFace(
        box=Box(box.x, box.y, box.width, box.height),
        landmarks=Landmarks(*(Point(point.x, point.y) for point in points)),
        score=face.score,
        crop=face.crop,
        sharpness=face.sharpness,
    )
