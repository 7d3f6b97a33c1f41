"""mien.v1.EmotionService over the core."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Never

import grpc.aio
import structlog
from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceServicer

from mien_gateway.core import Core
from mien_gateway.deadline import Deadline
from mien_gateway.domain import AnalysisRequest
from mien_gateway.errors import BadDetectorAnswerError, BadModelAnswerError, GatewayError
from mien_gateway.grpc.errors import internal_status, rich_status
from mien_gateway.grpc.presentation import analyze_response, model_info
from mien_gateway.request_ids import HEADER, accept_or_make

_log = structlog.get_logger(__name__)

_Context = grpc.aio.ServicerContext[Any, Any]


class EmotionServicer(EmotionServiceServicer):
    """Converts, calls the core, converts back."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def Analyze(  # noqa: N802 - named by the contract
        self, request: pb.AnalyzeRequest, context: _Context
    ) -> pb.AnalyzeResponse:
        """Find the faces of one picture and recognise what each expresses."""
        request_id = _request_id(context)
        async with _answered(context, request_id):
            with self._core.observed("grpc") as observation:
                observation.model = self._core.models.resolve(request.model).name
                analysis = await self._core.analyzer.analyze(
                    AnalysisRequest(
                        image=request.image,
                        model=request.model,
                        deadline=self._deadline(context),
                        no_store=request.no_store,
                    )
                )
            return analyze_response(analysis, request_id)

    async def ListModels(  # noqa: N802 - named by the contract
        self, request: pb.ListModelsRequest, context: _Context
    ) -> pb.ListModelsResponse:
        """List every model that can be asked for, the default first."""
        del request, context
        models = self._core.models
        return pb.ListModelsResponse(
            models=[model_info(model, default=model is models.default) for model in models]
        )

    def _deadline(self, context: _Context) -> Deadline:
        longest = self._core.request_timeout_seconds
        # The stubs say that there always is one; a caller without a deadline leaves None.
        asked: float | None = context.time_remaining()
        return Deadline.after(longest if asked is None else min(asked, longest))


def _request_id(context: _Context) -> str:
    metadata = dict(context.invocation_metadata() or ())
    given = metadata.get(HEADER.lower())
    request_id = accept_or_make(given if isinstance(given, str) else None)
    context.set_trailing_metadata(((HEADER.lower(), request_id),))
    return request_id


@asynccontextmanager
async def _answered(context: _Context, request_id: str) -> AsyncIterator[None]:
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


async def _abort(context: _Context, status: grpc.Status, request_id: str) -> Never:
    trailing = (*status.trailing_metadata, (HEADER.lower(), request_id))
    await context.abort(status.code, status.details, trailing)
