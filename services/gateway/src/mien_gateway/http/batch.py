"""POST /v1/analyze/batch: many pictures, an answer or a problem for each."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.analysis.batching import BatchRequest, Outcome
from mien_gateway.core import Core
from mien_gateway.errors import GatewayError
from mien_gateway.http import documents
from mien_gateway.http.answering import answer, one_name
from mien_gateway.http.batch_uploads import BatchItem, receive_batch
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import caller_deadline, while_connected
from mien_gateway.http.options import Options, read_options
from mien_gateway.http.presentation import present
from mien_gateway.http.problems import problem_document
from mien_gateway.http.request_id import request_id


def batch_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze/batch", **documents.BATCH)
    async def analyze_batch(request: Request) -> Response:
        """Analyse many pictures; the faces of all of them share the messages to the model.

        The status is 200 as soon as the batch as a whole could be read: what is wrong with
        one picture is told in its place.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            options = read_options(request)
            deadline = caller_deadline(request, core.request_timeout_seconds)
            core.models.resolve(options.model)
            received = await receive_batch(request, reader, deadline, core.batches)
            # The door has counted one of them.
            await core.access.spend(request.state.caller, len(received.items) - 1)
            name = one_name(options.model, received.model)
            observation.model = core.models.resolve(name).name
            asked = BatchRequest(
                images=[item.image for item in received.items if item.error is None],
                model=name,
                deadline=deadline,
                no_store=options.no_store,
                allow_twin=options.allow_twin,
            )
            outcomes = await while_connected(request, core.batches.analyze(asked))
        results = _merged(received.items, outcomes)
        documents_ = [
            _result(request, core, options, item, outcome)
            for item, outcome in zip(received.items, results, strict=True)
        ]
        failed = sum("problem" in one for one in documents_)
        return answer(
            request,
            {
                "request_id": request_id(request),
                "succeeded": len(documents_) - failed,
                "failed": failed,
                "results": documents_,
            },
        )

    return router


def _merged(items: list[BatchItem], outcomes: list[Outcome]) -> list[Outcome]:
    """Put what could not even be read back into its place."""
    computed = iter(outcomes)
    return [item.error or next(computed) for item in items]


def _result(
    request: Request, core: Core, options: Options, item: BatchItem, outcome: Outcome
) -> dict[str, Any]:
    head = {"id": item.identifier}
    if isinstance(outcome, GatewayError):
        return {**head, "problem": problem_document(request, outcome)}
    judged = core.judged(outcome, options.minimum_confidence)
    return {**head, "analysis": present(judged, request_id(request))}
