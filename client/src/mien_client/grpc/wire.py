"""What both gRPC transports have in common: how a channel is made, and what every call carries."""

from typing import Any

import grpc

from mien_client.address import Address

OPTIONS = (
    # Maps and overlays of many faces are longer than the 4 MB that gRPC takes by itself.
    ("grpc.max_receive_message_length", -1),
    ("grpc.primary_user_agent", "mien-client"),
    # A gateway that comes back is found again soon.
    ("grpc.max_reconnect_backoff_ms", 2000),
)


def metadata(api_key: str | None) -> tuple[tuple[str, str], ...]:
    """Return what every call carries."""
    return (("x-api-key", api_key),) if api_key else ()


def open_channel(address: Address, library: Any) -> Any:
    """Return a channel of `grpc` or `grpc.aio`; nothing is opened yet."""
    if address.is_secure:
        credentials = grpc.ssl_channel_credentials()
        return library.secure_channel(address.place, credentials, options=OPTIONS)
    return library.insecure_channel(address.place, options=OPTIONS)
