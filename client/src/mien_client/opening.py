"""Chooses the transport for an address; gRPC's packages are imported only where they are used."""

from collections.abc import Iterator
from contextlib import contextmanager

from mien_client.address import Address
from mien_client.errors import MissingExtraError
from mien_client.rest.aio import AsyncRestTransport
from mien_client.rest.transport import RestTransport
from mien_client.transport import AsyncTransport, Transport


def open_transport(address: Address, api_key: str | None) -> Transport:
    """Return the transport for threads.

    Raises MissingExtraError where gRPC's packages are needed and not installed.
    """
    if not address.is_grpc:
        return RestTransport(address, api_key)
    with _extra():
        from mien_client.grpc.transport import GrpcTransport  # noqa: PLC0415
    return GrpcTransport(address, api_key)


def open_async_transport(address: Address, api_key: str | None) -> AsyncTransport:
    """Return the transport for asyncio; raises as `open_transport`."""
    if not address.is_grpc:
        return AsyncRestTransport(address, api_key)
    with _extra():
        from mien_client.grpc.aio import AsyncGrpcTransport  # noqa: PLC0415
    return AsyncGrpcTransport(address, api_key)


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        purpose = "An address of gRPC"
        raise MissingExtraError(purpose, "grpc") from error
