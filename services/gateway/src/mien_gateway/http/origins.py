"""Whether a page may open a WebSocket: browsers leave that to the server."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from mien_gateway.errors import OriginForbiddenError


def check_origin(scope: Scope, allowed: Collection[str]) -> None:
    """Let pass who is no page, a page of the same host, and a page of an allowed origin.

    Raises OriginForbiddenError else.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return
    # Schemes are not compared: a proxy may speak TLS for us.
    if urlsplit(origin.lower()).netloc != headers.get("host", "").lower():
        raise OriginForbiddenError
