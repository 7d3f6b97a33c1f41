"""What a call that failed says went wrong."""

from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mien_client.errors import AnswerTimeoutError, BadAnswerError, UnreachableError
from mien_client.refusals import DEADLINE_EXCEEDED, refusal

_DOMAIN = "mien"
# What gRPC says where there never was a connection.
_NEVER_CONNECTED = ("failed to connect", "dns resolution failed")
# What grpc.aio says where a call was over before it was written to: what it ended with is lost.
_LOST_STATUS = "Internal error from Core"


def has_lost_status(error: grpc.RpcError) -> bool:
    """Whether the library does not know what a call ended with."""
    call: Any = error
    return call.code() is grpc.StatusCode.INTERNAL and call.details() == _LOST_STATUS


def failure(error: grpc.RpcError, address: str) -> Exception:
    """Return the error that a failed call stands for; TimeoutError for the caller's own."""
    call: Any = error  # every error of a call is the call itself
    status = rpc_status.from_call(call)
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    if status is None or not _unpacked(status, info) or info.domain != _DOMAIN:
        return _plain_failure(call.code(), call.details() or "", address)
    if info.reason == DEADLINE_EXCEEDED:
        return AnswerTimeoutError(address, status.message)
    has_retry = _unpacked(status, retry)
    return refusal(
        info.reason,
        status.message,
        request_id=info.metadata.get("request_id", ""),
        retry_after_seconds=retry.retry_delay.ToTimedelta().total_seconds() if has_retry else None,
    )


def _unpacked(status: Any, wanted: Message) -> bool:
    """Fill in the wanted detail; returns whether there is one."""
    return any(detail.Unpack(wanted) for detail in status.details)


def _plain_failure(code: grpc.StatusCode, details: str, address: str) -> Exception:
    """Return the error for what gRPC says by itself."""
    match code:
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return TimeoutError(details)
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
            connected = not details.lower().startswith(_NEVER_CONNECTED)
            return UnreachableError(address, details, connected=connected)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            # A message too long for the server is refused before the gateway sees it.
            return refusal("image_too_large" if "larger" in details else "overloaded", details)
        case grpc.StatusCode.INTERNAL if details == _LOST_STATUS:
            return UnreachableError(address, details, connected=True)
    return BadAnswerError(address, f"{code.name}, {details}")
