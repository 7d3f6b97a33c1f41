"""The REST shell."""

from collections.abc import Mapping

from fastapi import FastAPI

from mien_gateway.core import Core
from mien_gateway.http.analyze import analyze_router
from mien_gateway.http.annotated import annotated_router
from mien_gateway.http.batch import batch_router
from mien_gateway.http.bodies import BodyLimits, BodyReader
from mien_gateway.http.compare import compare_router
from mien_gateway.http.description import description_router
from mien_gateway.http.explain import explain_router
from mien_gateway.http.guard import guard
from mien_gateway.http.models import models_router
from mien_gateway.http.notice import notice_router
from mien_gateway.http.oip import oip_router
from mien_gateway.http.operations import operations_router
from mien_gateway.http.predict_emotion import predict_emotion_router
from mien_gateway.http.problems import add_problem_handlers
from mien_gateway.http.sessions import sessions_router
from mien_gateway.http.stream import stream_router
from mien_gateway.http.video_results import video_results_router
from mien_gateway.http.videos import videos_router
from mien_gateway.page.files import PageFile

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
    guard(app, core, hot=analyze.routes, page=page or {})
    return app
