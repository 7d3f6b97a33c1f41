"""Whether a page may open a WebSocket or change something: browsers leave that to the server."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.types import Scope

from mien_gateway.errors import OriginForbiddenError

_ABOUT_THE_PAGE = (b"origin", b"sec-fetch-site", b"host")
_OTHER_SITES = (b"cross-site", b"same-site")


def check_origin(scope: Scope, allowed: Collection[str]) -> None:
    """Let pass who is no page, a page of the same host, and a page of an allowed origin.

    Raises OriginForbiddenError else.
    """
    told = {name: value for name, value in scope["headers"] if name in _ABOUT_THE_PAGE}
    if b"origin" not in told:
        # Not every browser names the origin of a simple request, but then the site.
        if told.get(b"sec-fetch-site") in _OTHER_SITES:
            raise OriginForbiddenError
        return
    origin = told[b"origin"].decode("latin-1")
    if origin in allowed:
        return
    # Schemes are not compared: a proxy may speak TLS for us.
    if urlsplit(origin.lower()).netloc != told.get(b"host", b"").decode("latin-1").lower():
        raise OriginForbiddenError
