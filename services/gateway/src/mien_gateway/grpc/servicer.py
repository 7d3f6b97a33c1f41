"""mien.v1.EmotionService."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceServicer

from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest
from mien_gateway.errors import SlowReaderError
from mien_gateway.grpc.calls import (
    Context,
    deadline_of,
    error_boundary,
    minimum_confidence_of,
    request_id_of,
)
from mien_gateway.grpc.interceptors import current_caller
from mien_gateway.grpc.messages import (
    analyze_response,
    compare_response,
    explain_response,
    model_info,
)
from mien_gateway.grpc.stream import StreamCall
from mien_gateway.sessions import check_session


class EmotionServicer(EmotionServiceServicer):
    """Converts, calls the core, converts back."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def Analyze(  # noqa: N802 - named by the contract
        self, request: pb.AnalyzeRequest, context: Context
    ) -> pb.AnalyzeResponse:
        """Find the faces of one picture and recognise what each expresses."""
        request_id = request_id_of(context)
        async with error_boundary(context, request_id):
            with self._core.observed("grpc") as observation:
                observation.model = self._core.models.resolve(request.model).name
                session = check_session(request.session) if request.session else ""
                session = current_caller().own(session)
                minimum_confidence = minimum_confidence_of(request)
                asked = AnalysisRequest(
                    image=request.image,
                    model=request.model,
                    caller=current_caller().identity,
                    deadline=deadline_of(context, self._core.request_timeout_seconds),
                    no_store=request.no_store,
                    allow_twin=request.allow_twin,
                )
                analysis = await self._core.analyzer.analyze(asked)
                labelled = self._core.labelled(analysis, minimum_confidence)
                await self._core.remember(session, labelled)
            return analyze_response(labelled, request_id)

    async def AnalyzeStream(  # type: ignore[override] # noqa: N802 - named by the contract
        self, request_iterator: AsyncIterator[pb.AnalyzeStreamRequest], context: Context
    ) -> None:
        """Follow faces in live frames; the newest one wins.

        Answers are written, not yielded, so that one who does not read them is noticed.
        """
        request_id = request_id_of(context)
        async with error_boundary(context, request_id):
            call = StreamCall(self._core, request_iterator, request_id, current_caller())
            limit = self._core.stream_limits.send_seconds
            async with aclosing(call.responses()) as responses:
                async for response in responses:
                    try:
                        async with asyncio.timeout(limit):
                            await context.write(response)
                    except TimeoutError as error:
                        with suppress(SlowReaderError):
                            await responses.athrow(SlowReaderError(limit))
                        # No status can be sent either: the call is given up.
                        raise asyncio.CancelledError from error

    async def Compare(  # noqa: N802 - named by the contract
        self, request: pb.CompareRequest, context: Context
    ) -> pb.CompareResponse:
        """Ask both twins about the same faces."""
        request_id = request_id_of(context)
        async with error_boundary(context, request_id):
            with self._core.observed("grpc") as observation:
                observation.model = self._core.models.resolve(request.model).name
                asked = AnalysisRequest(
                    image=request.image,
                    model=request.model,
                    caller=current_caller().identity,
                    deadline=deadline_of(context, self._core.request_timeout_seconds),
                )
                comparison = await self._core.comparer.compare(asked)
            return compare_response(comparison, request_id)

    async def Explain(  # noqa: N802 - named by the contract
        self, request: pb.ExplainRequest, context: Context
    ) -> pb.ExplainResponse:
        """Say where in each face the model found what it says."""
        request_id = request_id_of(context)
        async with error_boundary(context, request_id):
            with self._core.observed("grpc") as observation:
                observation.model = self._core.models.resolve(request.model).name
                label_policy = self._core.label_policy_with(minimum_confidence_of(request))
                deadline = deadline_of(context, self._core.request_timeout_seconds)
                asked = AnalysisRequest(
                    image=request.image,
                    model=request.model,
                    caller=current_caller().identity,
                    deadline=deadline,
                    allow_twin=request.allow_twin,
                )
                explained = await self._core.explainer.explain(asked, request.label)
                overlays = await self._core.overlays(explained, deadline) if request.overlay else ()
            return explain_response(explained, label_policy, request_id, overlays)

    async def ListModels(  # noqa: N802 - named by the contract
        self, request: pb.ListModelsRequest, context: Context
    ) -> pb.ListModelsResponse:
        """List every model that can be asked for, the default first."""
        del request, context
        models = self._core.models
        return pb.ListModelsResponse(
            models=[model_info(model, default=model is models.default) for model in models]
        )
