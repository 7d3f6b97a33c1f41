"""Dispatches latency-critical routes without FastAPI's routing."""

from collections.abc import Callable, Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from mien_gateway.http.problems import FORESEEN, problem_of


class FastPath:
    """Hands requests for some routes to their endpoints, all others to the application.

    The routes are the application's too: there they are described, and there methods are
    answered that they do not know. Their endpoints take a request, without parameters for the
    framework to fill in, and have fixed paths.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: Callable[[ASGIApp], ASGIApp],
        routes: Iterable[BaseRoute],
        owner: FastAPI,
    ) -> None:
        """Take the application, the middleware that admits callers, and the routes."""
        self._app = app
        self._ways = {
            (method, route.path): auth(_answering(route, owner))
            for route in routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the short way where there is one."""
        way = self._app
        if scope["type"] == "http":
            way = self._ways.get((scope["method"], scope["path"]), way)
        await way(scope, receive, send)


def _answering(route: APIRoute, owner: FastAPI) -> ASGIApp:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"], scope["route"] = owner, route
        request = Request(scope, receive, send)
        try:
            response = await route.endpoint(request)
        except FORESEEN as error:
            response = problem_of(request, error)
        except Exception as error:
            await problem_of(request, error)(scope, receive, send)
            raise  # the server logs where it came from
        await response(scope, receive, send)

    return application
