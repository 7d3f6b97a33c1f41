"""Under which names the gateway answers.

A page can bind its own name to our address (DNS rebinding); to a browser the gateway is of the
page's own origin then. Addresses and loopback names cannot be bound by others.
"""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from mien_gateway.errors import HostForbiddenError
from mien_gateway.http.middleware import refuse
from mien_gateway.telemetry.metrics import Metrics

_LONGEST_NAME = 255
_CACHED_NAMES = 1024


class AllowedHosts:
    """Answers requests for other hosts itself, before anything else looks at them."""

    def __init__(self, app: ASGIApp, names: Collection[str], metrics: Metrics) -> None:
        """Take the names besides the loopback ones, such as `*.example.org`, or `*` for all."""
        self._app = app
        self._metrics = metrics
        # Every request asks, and most ask the same.
        lower = frozenset(name.lower() for name in names)
        self._is_allowed = lru_cache(_CACHED_NAMES)(
            lambda host: not host or is_allowed(host.decode("latin-1"), lower)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on, or refuse."""
        for header, host in scope.get("headers", ()):
            if header == b"host" and not (len(host) <= _LONGEST_NAME and self._is_allowed(host)):
                error = HostForbiddenError(host.decode("latin-1"))
                self._metrics.count_refusal(error.code)
                await refuse(error, scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_allowed(host: str, names: Collection[str]) -> bool:
    """Whether a `Host` is an address, a loopback name, or one of the names."""
    name = host.lower()
    if name.startswith("["):
        name, _, _ = name[1:].partition("]")
    else:
        name = name.partition(":")[0].rstrip(".")
    return (
        "*" in names
        or name in names
        or name == "localhost"
        or name.endswith(".localhost")
        or any(one.startswith("*.") and name.endswith(one[1:]) for one in names)
        or _is_address(name)
    )


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
