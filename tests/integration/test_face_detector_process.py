"""The face-detector as it is really started: its own process, its own environment."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from mien.v1 import face_detector_pb2 as pb
from mien.v1 import face_detector_pb2_grpc as pb_grpc

from tests.fakes import pictures

PATIENCE_SECONDS = 20


class Detector:
    """A detector's process; libfacedetection needs no file and no network."""

    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mien_detector"],
            env={
                "PATH": os.environ["PATH"],
                "MIEN_DETECTOR_ADDRESS": "127.0.0.1:0",
                "MIEN_DETECTOR_DETECTOR": "libfacedetection",
                **environment,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        self._end = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        self._end.start()

    def log(self) -> Iterator[dict[str, object]]:
        """Yield what it logs, until it ends; libraries write lines of their own between."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith("{"):
                yield json.loads(line)

    def port(self) -> int:
        """Wait until it serves."""
        port = next(entry["port"] for entry in self.log() if entry["event"] == "serving")
        assert isinstance(port, int)
        return port

    def close(self) -> None:
        """End it, however it is."""
        self._end.cancel()
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture
def detector() -> Iterator[Detector]:
    detector = Detector()
    yield detector
    detector.close()


def test_it_serves_a_photo_and_stops_in_good_order(detector: Detector) -> None:
    """The face of the sample photo is found; SIGTERM ends the process with status 0."""
    with grpc.insecure_channel(f"127.0.0.1:{detector.port()}") as channel:
        stub = pb_grpc.FaceDetectorStub(channel)
        shape = pb.CropShape(height=48, width=48, channels=1)
        request = pb.DetectRequest(image=pictures.SAMPLE.read_bytes(), crop=shape)
        answer = stub.Detect(request, timeout=PATIENCE_SECONDS)
    (face,) = answer.faces
    assert 160 < face.box.x < 200
    assert len(face.crop) == 48 * 48
    detector.process.send_signal(signal.SIGTERM)
    assert [entry["event"] for entry in detector.log()] == ["stopping", "stopped"]
    assert detector.process.wait(PATIENCE_SECONDS) == 0


def test_calls_in_flight_end_after_sigterm_and_health_says_so() -> None:
    """One picture is being worked on, one waits: both are still answered."""
    blank = np.zeros((5500, 7000), np.uint8)
    image = cv2.imencode(".png", blank)[1].tobytes()  # few bytes, long to decode
    detector = Detector(MIEN_DETECTOR_WORKERS="1", MIEN_DETECTOR_QUEUE="1")
    try:
        _stop_while_working(detector, pb.DetectRequest(image=image))
        assert detector.process.wait(PATIENCE_SECONDS) == 0
    finally:
        detector.close()


def _stop_while_working(detector: Detector, request: pb.DetectRequest) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{detector.port()}") as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service="mien.v1.FaceDetector"),
            timeout=PATIENCE_SECONDS,
        )
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        stub = pb_grpc.FaceDetectorStub(channel)
        calls = [stub.Detect.future(request, timeout=PATIENCE_SECONDS) for _ in range(3)]
        # There is room for two, so the first to come back is the one that was refused.
        finished: queue.Queue[grpc.Future[pb.DetectResponse]] = queue.Queue()
        for call in calls:
            call.add_done_callback(finished.put)
        assert finished.get(timeout=PATIENCE_SECONDS).exception() is not None
        detector.process.send_signal(signal.SIGTERM)
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        for _ in range(2):
            answer = finished.get(timeout=PATIENCE_SECONDS).result()
            assert answer.image == pb.ImageSize(width=7000, height=5500)
        watch.cancel()


def test_a_port_in_use_is_named() -> None:
    """The process ends with status 1 and says what to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        second = Detector(MIEN_DETECTOR_ADDRESS=address)
        try:
            (entry,) = second.log()
            assert second.process.wait(PATIENCE_SECONDS) == 1
        finally:
            second.close()
    assert address in str(entry["reason"])
    assert "MIEN_DETECTOR_ADDRESS" in str(entry["reason"])


def test_a_detector_that_cannot_be_made_ends_the_process(tmp_path: Path) -> None:
    """YuNet by name, without file and network, is status 1 with a reason."""
    detector = Detector(
        MIEN_DETECTOR_DETECTOR="yunet",
        MIEN_DETECTOR_CACHE_DIR=str(tmp_path),
        MIEN_DETECTOR_YUNET_URL="http://127.0.0.1:9/yunet.onnx",
    )
    try:
        (entry,) = detector.log()
        assert detector.process.wait(PATIENCE_SECONDS) == 1
    finally:
        detector.close()
    assert "http://127.0.0.1:9/yunet.onnx" in str(entry["reason"])
