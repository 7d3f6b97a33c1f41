"""What stands around the REST application."""

from collections.abc import Iterable, Mapping
from functools import partial

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from mien_gateway.core import Core
from mien_gateway.http.access import AccessMiddleware
from mien_gateway.http.callers import TIMEOUT_HEADER
from mien_gateway.http.components import add_components
from mien_gateway.http.context import RequestIds, Traces
from mien_gateway.http.headers import AnswerHeaders
from mien_gateway.http.hosts import AllowedHosts
from mien_gateway.http.page import Page
from mien_gateway.http.shortcut import Shortcut
from mien_gateway.http.unread_bodies import UnreadBodies
from mien_gateway.page.files import PageFile
from mien_gateway.telemetry.request_ids import HEADER
from mien_gateway.telemetry.tracing import is_on

_DAY_SECONDS = 86_400


def guard(
    app: FastAPI, core: Core, *, hot: Iterable[BaseRoute], page: Mapping[str, PageFile]
) -> None:
    """Put the door before an application that is otherwise complete.

    Headers, and leave for other origins, stand around even the answers to our own faults.
    Requests for `hot` routes go past the framework. The page's files stand before all that:
    they are for everybody, and say nothing of a face.
    """
    add_components(app)
    door = partial(AccessMiddleware, access=core.access, origins=core.cors_origins)
    app.add_middleware(door)
    stack: ASGIApp = Shortcut(app.build_middleware_stack(), door, hot, app)
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
