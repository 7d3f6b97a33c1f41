"""Asks a running Mien for the expressions in pictures, videos and live streams.

`Client` is for threads, `AsyncClient` for asyncio. The URL chooses the transport: `http://` is
REST and WebSocket, `grpc://` is gRPC. What comes back is the same; `mien_client.types` has it
all, `mien_client.errors` what can go wrong.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULES = ("errors", "types", "pictures", "client", "aio")


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: the command is there before its libraries are."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in __all__:
        for module in map(__getattr__, _MODULES):
            if hasattr(module, name):
                return getattr(module, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
