"""Asks a running Mien for the expressions in pictures, videos and live streams.

`Client` is for threads, `AsyncClient` for asyncio. The URL chooses the transport: `http://` is
REST and WebSocket, `grpc://` is gRPC. What comes back is the same; `mien_client.types` has it
all, `mien_client.errors` what can go wrong.
"""

from mien_client.aio import AsyncClient
from mien_client.client import Client
from mien_client.errors import (
    AnswerTimeoutError,
    BadAnswerError,
    BadInputError,
    BusyError,
    GatewayFaultError,
    InvalidRequestError,
    MienError,
    MissingExtraError,
    NotAllowedError,
    NotOfferedError,
    NotReadyError,
    RefusedError,
    StreamEndedError,
    UnavailableError,
    UnknownNameError,
    UnreachableError,
)
from mien_client.pictures import Picture
from mien_client.types import (
    Analysis,
    Comparison,
    Explanation,
    Face,
    FrameProblem,
    FrameResult,
    Model,
    Notice,
    Problem,
    Status,
    TimelineEntry,
    VideoJob,
    VideoResults,
)

__all__ = [
    "Analysis",
    "AnswerTimeoutError",
    "AsyncClient",
    "BadAnswerError",
    "BadInputError",
    "BusyError",
    "Client",
    "Comparison",
    "Explanation",
    "Face",
    "FrameProblem",
    "FrameResult",
    "GatewayFaultError",
    "InvalidRequestError",
    "MienError",
    "MissingExtraError",
    "Model",
    "NotAllowedError",
    "NotOfferedError",
    "NotReadyError",
    "Notice",
    "Picture",
    "Problem",
    "RefusedError",
    "Status",
    "StreamEndedError",
    "TimelineEntry",
    "UnavailableError",
    "UnknownNameError",
    "UnreachableError",
    "VideoJob",
    "VideoResults",
]
