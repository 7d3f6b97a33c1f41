"""The gRPC shell: the service, health and reflection."""

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from mien.v1 import emotion_pb2
from mien.v1.emotion_pb2_grpc import add_EmotionServiceServicer_to_server

from mien_gateway.core import Core
from mien_gateway.grpc.access import AccessInterceptor
from mien_gateway.grpc.servicer import EmotionServicer
from mien_gateway.grpc.tracing import TraceInterceptor
from mien_gateway.hops import message_limit
from mien_gateway.telemetry.tracing import is_on

SERVICE: str = emotion_pb2.DESCRIPTOR.services_by_name["EmotionService"].full_name


class GrpcServer:
    """A grpc.aio server over a core.

    Its health answers for two names: "" is the process, and the service's name says
    whether pictures can be analysed.
    """

    def __init__(self, core: Core, address: str, max_connection_age_seconds: float = 30) -> None:
        """Bind the address, `host:port`; port 0 takes any free one.

        Raises RuntimeError where it is taken.
        """
        traces = (TraceInterceptor(),) if is_on() else ()
        self._server = grpc.aio.server(
            # The first one stands outermost.
            interceptors=(*traces, AccessInterceptor(core.access)),
            options=(
                ("grpc.max_receive_message_length", message_limit(core.max_image_bytes)),
                ("grpc.max_send_message_length", message_limit(core.max_image_bytes)),
                # A second process on the same port is a mistake, not a way to scale.
                ("grpc.so_reuseport", 0),
                # Callers look names up again when they must connect again.
                ("grpc.max_connection_age_ms", round(1000 * max_connection_age_seconds)),
            ),
            maximum_concurrent_rpcs=2 * core.max_uploads,
        )
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        add_EmotionServiceServicer_to_server(EmotionServicer(core), self._server)
        reflection.enable_server_reflection(
            (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        self.port = self._server.add_insecure_port(address)

    async def start(self) -> None:
        """Take calls; not ready until told so."""
        await self.set_ready(ready=False)
        await self._server.start()

    async def set_ready(self, *, ready: bool) -> None:
        """Say whether the service can answer."""
        status = health_pb2.HealthCheckResponse
        await self._health.set(SERVICE, status.SERVING if ready else status.NOT_SERVING)

    async def stop(self, grace_seconds: float) -> None:
        """Refuse new calls and finish those under way, within the grace."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)
