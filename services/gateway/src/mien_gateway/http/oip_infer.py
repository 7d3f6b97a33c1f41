"""POST /v2/models/{name}/infer: one picture in, tensors out."""

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest
from mien_gateway.http import documents_oip as documents
from mien_gateway.http.answering import answer
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import caller_deadline, while_connected
from mien_gateway.http.oip_places import add_route, asked_model
from mien_gateway.http.oip_requests import receive_inference
from mien_gateway.http.oip_tensors import present_inference
from mien_gateway.http.options import no_store
from mien_gateway.http.presentation import present
from mien_gateway.http.request_id import request_id


def add_infer(router: APIRouter, core: Core, reader: BodyReader) -> None:
    """Add the route."""

    async def model_infer(request: Request) -> Response:
        """Find the faces of one picture and recognise what each expresses.

        The input `image` is the picture in base64; each output has a row per face, largest
        first, and none where there is no face.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            model = asked_model(request, core).name
            observation.model = model
            deadline = caller_deadline(request, core.request_timeout_seconds)
            inference = await receive_inference(request, reader, deadline)
            asked = AnalysisRequest(
                image=inference.image,
                model=model,
                deadline=deadline,
                no_store=no_store(request),
                allow_twin=inference.allow_twin,
            )
            analysis = await while_connected(request, core.analyzer.analyze(asked))
            judged = core.judged(analysis, inference.minimum_confidence)
        document = present(judged, request_id(request))
        tensors = present_inference(
            document, analysis.model, inference.identifier, inference.outputs
        )
        return answer(request, tensors, document["timings_ms"])

    add_route(router, "POST", "/infer", model_infer, documents.INFER)
