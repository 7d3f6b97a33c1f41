"""Users of mien.v1.EmotionService/AnalyzeStream."""

from collections.abc import Iterator
from queue import SimpleQueue

import gevent
from mien.v1 import emotion_pb2 as pb
from mien.v1 import emotion_pb2_grpc

from mien_loadtests.answers import Answer, WrongAnswerError, answer_of_message, same
from mien_loadtests.users.base import speaks
from mien_loadtests.users.grpc_base import GrpcBaseUser, in_one_line
from mien_loadtests.users.streams import StreamUser

_Metadata = tuple[tuple[str, str], ...]


class _Stream:
    """One call: what is put in a queue goes out, what comes back is waited for."""

    def __init__(
        self,
        service: emotion_pb2_grpc.EmotionServiceStub,
        metadata: _Metadata,
        model: str,
        timeout_seconds: float,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._out: SimpleQueue[pb.AnalyzeStreamRequest | None] = SimpleQueue()
        self._call = service.AnalyzeStream(iter(self._out.get, None), metadata=metadata)
        self._in: Iterator[pb.AnalyzeStreamResponse] = iter(self._call)
        start = pb.StreamStart(model=model, consent=True)
        ready = self._exchange(pb.AnalyzeStreamRequest(start=start))
        same("the first message", ready.WhichOneof("response"), "ready")
        same("the model", ready.ready.model.name, model)

    def ask(self, picture: bytes) -> pb.AnalyzeStreamResponse:
        """Send the next frame, and return what comes back."""
        return self._exchange(pb.AnalyzeStreamRequest(frame=pb.StreamFrame(image=picture)))

    def close(self) -> None:
        """Leave."""
        self._out.put(None)
        self._call.cancel()

    def _exchange(self, request: pb.AnalyzeStreamRequest) -> pb.AnalyzeStreamResponse:
        self._out.put(request)
        late = TimeoutError(f"no answer within {self._timeout_seconds:g} s")
        try:
            with gevent.Timeout(self._timeout_seconds, late), in_one_line():
                return next(self._in)
        except StopIteration:
            message = "the stream was ended"
            raise WrongAnswerError(message) from None


@speaks("grpc-stream", "stream")
class GrpcStreamUser(StreamUser, GrpcBaseUser):
    """Holds a stream open per framework."""

    def open(self, model: str) -> _Stream:
        """Call AnalyzeStream."""
        return _Stream(self.service, self.metadata, model, self.plan.timeout_seconds)

    def frame_of(self, came: pb.AnalyzeStreamResponse) -> tuple[int, Answer, int]:
        """Read a result."""
        if not came.HasField("result"):
            message = f"no result: {came!r:.200}"
            raise WrongAnswerError(message)
        return came.result.frame, answer_of_message(came.result.analysis), came.ByteSize()
