"""What a REST request or a WebSocket's handshake says about its caller."""

from collections.abc import Iterable

from starlette.types import Scope

from mien_gateway.access.callers import Credentials

SUBPROTOCOL = "mien.v1"
"""What the gateway speaks on a WebSocket."""
_KEY_SUBPROTOCOL = "mien.key."

_BEARER = "bearer "


def credentials_of(scope: Scope) -> Credentials:
    """Return the key, from wherever it is, and the address."""
    key = key_among(scope["headers"])
    if key is None and scope["type"] == "websocket":
        key = _key_of_subprotocols(scope)
    client = scope.get("client")
    return Credentials(key, client[0] if client else "")


def hide_key(scope: Scope) -> None:
    """Take the key out of what the application sees, and might echo, of the subprotocols."""
    offered = scope.get("subprotocols") or []
    scope["subprotocols"] = [name for name in offered if not name.startswith(_KEY_SUBPROTOCOL)]


def key_among(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return `Authorization: Bearer`'s key, else X-Api-Key's, else None."""
    plain = None
    for name, value in headers:
        if name == b"authorization":
            text = value.decode("latin-1")
            if text[: len(_BEARER)].lower() == _BEARER:
                return text[len(_BEARER) :].strip()
        elif name == b"x-api-key" and plain is None:
            plain = value.decode("latin-1").strip()
    return plain


def _key_of_subprotocols(scope: Scope) -> str | None:
    """Browsers can set no header of a WebSocket but this one."""
    for name in scope.get("subprotocols") or []:
        if name.startswith(_KEY_SUBPROTOCOL):
            return str(name[len(_KEY_SUBPROTOCOL) :])
    return None
