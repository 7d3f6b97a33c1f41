"""grpc.health.v1.Health."""

import asyncio

import grpc
from grpc_health.v1 import health_pb2 as pb
from grpc_health.v1.health_pb2_grpc import HealthServicer as HealthContract

from mien_gateway.grpc.interceptors import Context


class HealthServicer(HealthContract):  # type: ignore[misc] # has no types
    """Statuses by service.

    The library's own one holds a lock while it writes to a watcher, so that one who does not
    read would hold up every change.
    """

    def __init__(self) -> None:
        self._statuses = {"": pb.HealthCheckResponse.SERVING}
        self._changed = asyncio.Event()

    def set(self, service: str, status: pb.HealthCheckResponse.ServingStatus) -> None:
        """Set a service's status and tell its watchers."""
        self._statuses[service] = status
        self._changed.set()
        self._changed = asyncio.Event()

    def stop(self) -> None:
        """Nothing is served any more."""
        for service in self._statuses:
            self.set(service, pb.HealthCheckResponse.NOT_SERVING)

    async def Check(  # noqa: N802 - named by the contract
        self, request: pb.HealthCheckRequest, context: Context
    ) -> pb.HealthCheckResponse:
        """Return a service's status."""
        status = self._statuses.get(request.service)
        if status is None:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return pb.HealthCheckResponse(status=status)

    async def List(  # noqa: N802 - named by the contract
        self, request: pb.HealthListRequest, context: Context
    ) -> pb.HealthListResponse:
        """Return the status of every service."""
        del request, context
        statuses = {
            service: pb.HealthCheckResponse(status=status)
            for service, status in self._statuses.items()
        }
        return pb.HealthListResponse(statuses=statuses)

    async def Watch(  # noqa: N802 - named by the contract
        self, request: pb.HealthCheckRequest, context: Context
    ) -> None:
        """Send a service's status now and whenever it has changed."""
        sent = None
        while True:
            changed = self._changed
            status = self._statuses.get(request.service, pb.HealthCheckResponse.SERVICE_UNKNOWN)
            if status != sent:
                await context.write(pb.HealthCheckResponse(status=status))
                sent = status
            await changed.wait()
