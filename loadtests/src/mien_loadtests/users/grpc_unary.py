"""Users of mien.v1.EmotionService/Analyze."""

from mien.v1 import emotion_pb2 as pb

from mien_loadtests.answers import Answer, answer_of_message
from mien_loadtests.users.base import speaks
from mien_loadtests.users.grpc_base import GrpcBaseUser, in_one_line


@speaks("grpc")
class GrpcUser(GrpcBaseUser):
    """Sends each picture in a call of its own."""

    def ask(self, model: str, picture: bytes, *, no_store: bool) -> pb.AnalyzeResponse:
        """Call Analyze."""
        request = pb.AnalyzeRequest(image=picture, model=model, no_store=no_store)
        with in_one_line():
            return self.service.Analyze(
                request, timeout=self.plan.timeout_seconds, metadata=self.metadata
            )

    def read(self, came: pb.AnalyzeResponse) -> tuple[Answer, int]:
        """Return the answer and its size in bytes."""
        return answer_of_message(came), came.ByteSize()
