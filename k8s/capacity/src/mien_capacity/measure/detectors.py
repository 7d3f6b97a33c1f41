"""What a picture costs the face detector alone, by its settings."""

import os
import time
from dataclasses import dataclass, replace

import grpc
from mien.v1 import face_detector_pb2 as pb
from mien.v1.face_detector_pb2_grpc import FaceDetectorStub

from mien_capacity.measure.load import MeasuringError, cost, idle
from mien_capacity.measure.pictures import frames
from mien_capacity.measure.startup import TIMEOUT_SECONDS, serves, started
from mien_stack.processes import processes
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Process

_PICTURES = 200
_RATE = 20
_CROP = pb.CropShape(height=48, width=48, channels=1)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to set the detector up."""

    name: str
    detector: str
    detection_side: int


VARIANTS = (
    Variant("yunet-640", "yunet", 640),
    Variant("yunet-320", "yunet", 320),
    Variant("libfacedetection-640", "libfacedetection", 640),
)


def detector_ms(settings: StackSettings, variant: Variant) -> float:
    """Return the CPU milliseconds of one 640 x 360 picture with one face."""
    (process,) = (one for one in processes(settings) if one.name == "face-detector")
    target = f"127.0.0.1:{settings.detector_port}"
    with started(_as(process, variant), settings) as running:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not serves(target):
            if running.poll() is not None or time.monotonic() > deadline:
                message = f"the face detector does not start as {variant.name}: is its file there?"
                raise MeasuringError(message)
            time.sleep(0.1)
        with grpc.insecure_channel(target) as channel:
            call = _Detect(FaceDetectorStub(channel))
            pids = {"face-detector": running.pid}
            for body in frames(1, 10, seed=1):
                call(body)
            idle_seconds = idle(pids)
            found = cost(call, frames(1, _PICTURES, seed=2), _RATE, pids, idle_seconds)
    return found.cpu_ms["face-detector"]


def _as(process: Process, variant: Variant) -> Process:
    chosen = {
        "MIEN_DETECTOR_DETECTOR": variant.detector,
        "MIEN_DETECTOR_DETECTION_SIDE": str(variant.detection_side),
        "MIEN_DETECTOR_WORKERS": "1",
    }
    return replace(process, environment=dict(os.environ) | process.environment | chosen)


class _Detect:
    """Sends pictures to the detector, and insists on the face in them."""

    def __init__(self, stub: FaceDetectorStub) -> None:
        self._stub = stub

    def __call__(self, body: bytes) -> float:
        began = time.monotonic()
        answer = self._stub.Detect(pb.DetectRequest(image=body, crop=_CROP), timeout=10)
        took = time.monotonic() - began
        if len(answer.faces) != 1:
            message = f"{len(answer.faces)} faces were found instead of one"
            raise MeasuringError(message)
        return took
