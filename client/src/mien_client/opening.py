"""Chooses the transport for an address; gRPC's packages are imported only where they are used."""

from mien_client.address import Address
from mien_client.errors import MissingExtraError
from mien_client.rest.aio import AsyncRestTransport
from mien_client.rest.transport import RestTransport
from mien_client.transport import AsyncTransport, Transport

_PURPOSE = "An address of gRPC"


def open_transport(address: Address, api_key: str | None) -> Transport:
    """Return the transport for threads.

    Raises MissingExtraError where gRPC's packages are needed and not installed.
    """
    if not address.is_grpc:
        return RestTransport(address, api_key)
    raise MissingExtraError(_PURPOSE, "grpc")


def open_async_transport(address: Address, api_key: str | None) -> AsyncTransport:
    """Return the transport for asyncio; raises as `open_transport`."""
    if not address.is_grpc:
        return AsyncRestTransport(address, api_key)
    raise MissingExtraError(_PURPOSE, "grpc")
