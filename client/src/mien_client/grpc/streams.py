"""The messages of a live stream."""

from typing import Protocol

from mien.v1 import emotion_pb2 as pb

from mien_client.grpc import messages
from mien_client.operations import StreamStart
from mien_client.streaming.window import Place
from mien_client.transport import Outcome
from mien_client.types import FrameProblem, FrameResult


class _Feed(Protocol):
    def open(self, credit: int) -> None: ...
    def answer(self, frame: int) -> Place: ...


def start_request(start: StreamStart) -> pb.AnalyzeStreamRequest:
    """Return the first message; what is None is left to the gateway."""
    return pb.AnalyzeStreamRequest(
        start=pb.StreamStart(
            consent=start.consent,
            model=start.model,
            session=start.session,
            smoothing_seconds=start.smoothing_seconds,
            hold_seconds=start.hold_seconds,
            allow_twin=start.allow_twin,
            minimum_confidence=start.minimum_confidence,
        )
    )


def frame_request(frame: bytes) -> pb.AnalyzeStreamRequest:
    """Return the message of a frame."""
    return pb.AnalyzeStreamRequest(frame=pb.StreamFrame(image=frame))


def hear(message: pb.AnalyzeStreamResponse, feed: _Feed) -> Outcome | None:
    """Return what a message says of a frame, if it does, and tell the feed of room."""
    match message.WhichOneof("response"):
        case "ready":
            feed.open(message.ready.credit)
        case "result":
            result = message.result
            place = feed.answer(result.frame)
            return FrameResult(place.number, messages.analysis(result.analysis), place.dropped)
        case "error":
            error = message.error
            place = feed.answer(error.frame)
            return FrameProblem(place.number, error.code, error.detail, place.dropped)
    return None
