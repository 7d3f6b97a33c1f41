"""What every route that takes a picture does: read the request, answer with a document."""

from dataclasses import replace
from time import perf_counter
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest
from mien_gateway.errors import InvalidRequestError
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import caller_deadline
from mien_gateway.http.options import Options, read_options
from mien_gateway.http.presentation import milliseconds, server_timing
from mien_gateway.http.request_id import request_id
from mien_gateway.http.uploads import receive_upload
from mien_gateway.telemetry.observation import Observation
from mien_gateway.telemetry.request_ids import HEADER


async def receive_picture(
    request: Request, core: Core, reader: BodyReader, observation: Observation
) -> tuple[AnalysisRequest, Options]:
    """Return what is asked for; the picture is in memory then.

    Raises the CallerError that says what is wrong with the request.
    """
    options = read_options(request)
    deadline = caller_deadline(request, core.request_timeout_seconds)
    core.models.resolve(options.model)  # a wrong name is told before the body is read
    upload = await receive_upload(request, reader, deadline)
    options = replace(options, model=one_name(options.model, upload.model))
    observation.model = core.models.resolve(options.model).name
    asked = AnalysisRequest(
        image=upload.image,
        model=options.model,
        deadline=deadline,
        no_store=options.no_store,
        allow_twin=options.allow_twin,
    )
    return asked, options


def one_name(in_query: str, in_body: str) -> str:
    """Return the model's name wherever it stands.

    Raises InvalidRequestError where two places differ.
    """
    if in_query and in_body and in_query != in_body:
        message = "The query and the body name different models: name it once"
        raise InvalidRequestError(message)
    return in_query or in_body


def answer(
    request: Request,
    document: dict[str, Any],
    timings: dict[str, float] | None = None,
    *,
    encoding_since: float | None = None,
) -> Response:
    """Return a document with the request's id and, where given, its stages' milliseconds.

    `encoding_since` is when the document was begun to be made, by `perf_counter`.
    """
    headers = {HEADER: request_id(request)}
    body = orjson.dumps(document)
    if timings:
        if encoding_since is not None:
            timings = timings | {"encode": milliseconds(perf_counter() - encoding_since)}
        headers["Server-Timing"] = server_timing(timings)
    return Response(body, headers=headers, media_type="application/json")
