"""Whether a page may open a WebSocket or change something: browsers leave that to the server."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from mien_gateway.errors import OriginForbiddenError

_OTHER_SITES = ("cross-site", "same-site")


def check_origin(scope: Scope, allowed: Collection[str]) -> None:
    """Let pass who is no page, a page of the same host, and a page of an allowed origin.

    Raises OriginForbiddenError else.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None:
        # Not every browser names the origin of a simple request, but then the site.
        if headers.get("sec-fetch-site") in _OTHER_SITES:
            raise OriginForbiddenError
        return
    if origin in allowed:
        return
    # Schemes are not compared: a proxy may speak TLS for us.
    if urlsplit(origin.lower()).netloc != headers.get("host", "").lower():
        raise OriginForbiddenError
