"""Which methods a path knows: routes that share a path know only their own."""

from fastapi.routing import iter_route_contexts
from starlette.requests import Request


def allowed_methods(request: Request) -> str:
    """Return the value of `Allow` for a request whose method is not among them."""
    route = request.scope.get("route")
    path = getattr(route, "path", None)
    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.path == path:
            found |= context.methods or set()
    return ", ".join(sorted(found))
