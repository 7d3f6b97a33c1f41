"""What every call has in common: its id, its deadline, how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Never

import grpc.aio
import structlog
from mien.v1 import emotion_pb2 as pb

from mien_gateway.analysis.labelling import check_minimum_confidence
from mien_gateway.domain import Deadline
from mien_gateway.errors import BadDetectorAnswerError, BadModelAnswerError, GatewayError
from mien_gateway.grpc.errors import internal_status, rich_status
from mien_gateway.telemetry.logging import HEADER, accept_or_make, bind_request_id

_log = structlog.get_logger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]


def request_id_of(context: Context) -> str:
    """Return the call's id, bind it to the call's task, and send it back with the answer."""
    metadata = dict(context.invocation_metadata() or ())
    given = metadata.get(HEADER.lower())
    request_id = accept_or_make(given if isinstance(given, str) else None)
    bind_request_id(request_id)
    context.set_trailing_metadata(((HEADER.lower(), request_id),))
    return request_id


def deadline_of(context: Context, longest_seconds: float) -> Deadline:
    """Return the caller's deadline, or ours where that is sooner."""
    # The stubs say that there always is one; a caller without a deadline leaves None.
    asked: float | None = context.time_remaining()
    return Deadline.after(longest_seconds if asked is None else min(asked, longest_seconds))


def minimum_confidence_of(
    request: pb.AnalyzeRequest | pb.ExplainRequest | pb.StreamStart,
) -> float | None:
    """Return what the caller asks for, if anything; raises InvalidRequestError."""
    if not request.HasField("minimum_confidence"):
        return None
    return check_minimum_confidence(request.minimum_confidence)


@asynccontextmanager
async def error_boundary(context: Context, request_id: str) -> AsyncIterator[None]:
    """End the call with a rich status where anything fails inside."""
    try:
        yield
    except GatewayError as error:
        if isinstance(error, BadDetectorAnswerError | BadModelAnswerError):
            _log.error(error.code, request_id=request_id, reason=error.reason)
        await _abort(context, rich_status(error, request_id), request_id)
    except Exception:  # noqa: BLE001 - whatever it is, the caller gets an answer
        _log.exception("internal_error", request_id=request_id)
        await _abort(context, internal_status(request_id), request_id)


async def _abort(context: Context, status: grpc.Status, request_id: str) -> Never:
    trailing = (*status.trailing_metadata, (HEADER.lower(), request_id))
    await context.abort(status.code, status.details, trailing)
