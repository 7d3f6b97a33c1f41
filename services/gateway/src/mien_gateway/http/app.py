"""The REST application."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from mien_gateway.core import Core
from mien_gateway.http.bodies import BodyLimits, BodyReader
from mien_gateway.http.fast_path import FastPath
from mien_gateway.http.hosts import AllowedHosts
from mien_gateway.http.middleware import AccessMiddleware, AnswerHeaders, RequestIds, Traces
from mien_gateway.http.openapi import open_inference, schemas
from mien_gateway.http.openapi.examples import PROBLEM_EXAMPLE
from mien_gateway.http.openapi.operations import REQUESTS, reference
from mien_gateway.http.parameters import TIMEOUT_HEADER
from mien_gateway.http.problems import MEDIA_TYPE, add_problem_handlers
from mien_gateway.http.routes.analyze import (
    analyze_router,
    annotated_router,
    batch_router,
    predict_emotion_router,
)
from mien_gateway.http.routes.compare_explain import compare_router, explain_router
from mien_gateway.http.routes.models import models_router, sessions_router
from mien_gateway.http.routes.open_inference import oip_router
from mien_gateway.http.routes.operations import description_router, notice_router, operations_router
from mien_gateway.http.routes.stream import stream_router
from mien_gateway.http.routes.videos import video_results_router, videos_router
from mien_gateway.http.static import Page, PageFile
from mien_gateway.http.unread_bodies import UnreadBodies
from mien_gateway.telemetry.logging import HEADER
from mien_gateway.telemetry.tracing import is_on

_SCHEMAS: dict[str, Any] = {
    **REQUESTS,
    "InferenceRequest": open_inference.request_schema(),
    "InferenceError": open_inference.InferenceError.model_json_schema(),
    "Problem": schemas.Problem.model_json_schema(),
}


def _error(model: type[BaseModel], media_type: str, **example: Any) -> dict[str, Any]:
    content = {media_type: {"schema": reference(model.__name__), **example}}
    return {"description": model.__doc__, "content": content}


_RESPONSES = {
    "Problem": _error(schemas.Problem, MEDIA_TYPE, example=PROBLEM_EXAMPLE),
    "InferenceError": _error(open_inference.InferenceError, "application/json"),
}
_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, `mien_...`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
# The last one is none: not every gateway asks for a key.
_ANY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}, {}]


def add_components(app: FastAPI) -> None:
    """Add them to the description, which is made when it is first asked for."""
    describe = app.openapi

    def with_components() -> dict[str, Any]:
        description = describe()
        components = description.setdefault("components", {})
        components["schemas"] = dict(sorted({**components.get("schemas", {}), **_SCHEMAS}.items()))
        components["responses"] = _RESPONSES
        components["securitySchemes"] = _SECURITY_SCHEMES
        description["security"] = _ANY
        for methods in description["paths"].values():
            for method, operation in methods.items():
                _add_refusals(method, operation["responses"])
        return description

    app.openapi = with_components  # type: ignore[method-assign] # FastAPI's own way to extend it


def _add_refusals(method: str, responses: dict[str, Any]) -> None:
    """Say where a foreign host or origin is refused: wherever a missing key is."""
    if refusal := responses.get("401"):
        responses["421"] = refusal
        if method != "get":
            responses["403"] = refusal


_DAY_SECONDS = 86_400


def add_middleware(
    app: FastAPI, core: Core, *, hot: Iterable[BaseRoute], page: Mapping[str, PageFile]
) -> None:
    """Add the middleware to an application that is otherwise complete.

    Headers, and leave for other origins, stand around even the answers to our own faults.
    Requests for `hot` routes go past the framework. The page's files stand before all that:
    they are for everybody, and say nothing of a face.
    """
    add_components(app)
    auth = partial(AccessMiddleware, access=core.access, origins=core.cors_origins)
    app.add_middleware(auth)
    stack: ASGIApp = FastPath(app.build_middleware_stack(), auth, hot, app)
    if core.cors_origins:
        stack = CORSMiddleware(
            stack,
            allow_origins=core.cors_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=(
                "Authorization",
                "Cache-Control",
                "Content-Type",
                "X-Api-Key",
                HEADER,
                TIMEOUT_HEADER,
            ),
            expose_headers=(
                "Link",
                "RateLimit-Limit",
                "RateLimit-Remaining",
                "RateLimit-Reset",
                "Retry-After",
                "Server-Timing",
                HEADER,
            ),
            max_age=_DAY_SECONDS,
        )
    stack = AnswerHeaders(stack)
    if is_on():
        stack = Traces(stack)
    stack = AllowedHosts(Page(stack, page), core.allowed_hosts, core.metrics)
    app.middleware_stack = UnreadBodies(RequestIds(stack))


_DESCRIPTION = (
    "Recognises facial expressions in pictures. An expression is what a face shows, not what "
    "a person feels. Every error is an RFC 9457 problem document with a stable `code`; "
    "under /v2 it has the form of the Open Inference Protocol, with the same `code`."
)


def create_http_app(core: Core, page: Mapping[str, PageFile] | None = None) -> FastAPI:
    """Return the application over a core; it opens nothing by itself.

    `page` is what `load_page` returned; without it the gateway has no web page.
    """
    app = FastAPI(
        title="Mien",
        version="1",
        servers=[{"url": "/", "description": "The gateway that gave this document"}],
        generate_unique_id_function=lambda route: route.name,
        description=_DESCRIPTION,
        docs_url=None,  # its scripts would come from another host; ours are the page's
        redoc_url=None,
        redirect_slashes=False,
        # Its own spans would tell queries and addresses; ours do not.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    limits = BodyLimits(core.max_image_bytes, core.max_batch_bytes)
    reader = BodyReader(limits, core.uploads, core.bytes_in_flight)
    analyze = analyze_router(core, reader)
    app.include_router(analyze)
    app.include_router(annotated_router(core, reader))
    app.include_router(videos_router(core))
    app.include_router(video_results_router(core))
    app.include_router(batch_router(core, reader))
    app.include_router(compare_router(core, reader))
    app.include_router(explain_router(core, reader))
    app.include_router(predict_emotion_router(core, reader))
    app.include_router(oip_router(core, reader))
    app.include_router(stream_router(core))
    app.include_router(sessions_router(core))
    app.include_router(models_router(core))
    app.include_router(operations_router(core))
    app.include_router(notice_router(core))
    app.include_router(description_router())
    add_problem_handlers(app)
    add_middleware(app, core, hot=analyze.routes, page=page or {})
    return app
