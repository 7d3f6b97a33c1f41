"""The gRPC server."""

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from mien.v1 import emotion_pb2
from mien.v1.emotion_pb2_grpc import add_EmotionServiceServicer_to_server

from mien_gateway.clients.channel import message_limit
from mien_gateway.core import Core
from mien_gateway.grpc.health import HealthServicer
from mien_gateway.grpc.interceptors import OPEN_CALLS, AccessInterceptor, TraceInterceptor
from mien_gateway.grpc.servicer import EmotionServicer
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
        access = AccessInterceptor(core, message_limit(core.max_image_bytes))
        # A live stream that began at the last moment may last as long as any.
        longest = core.stream_limits.max_seconds + core.stream_limits.send_seconds
        self._server = grpc.aio.server(
            # The first one stands outermost.
            interceptors=(*traces, access),
            options=(
                ("grpc.max_receive_message_length", message_limit(core.max_image_bytes)),
                ("grpc.max_send_message_length", message_limit(core.max_image_bytes)),
                # A second process on the same port is a mistake, not a way to scale.
                ("grpc.so_reuseport", 0),
                # What is not received yet is to wait with the caller, not here.
                ("grpc.http2.bdp_probe", 0),
                ("grpc.http2.lookahead_bytes", 256 * 1024),
                # Callers look names up again when they must connect again.
                ("grpc.max_connection_age_ms", round(1000 * max_connection_age_seconds)),
                ("grpc.max_connection_age_grace_ms", round(1000 * longest)),
            ),
            # What needs no key has places of its own.
            maximum_concurrent_rpcs=access.places + OPEN_CALLS,
        )
        self._health = HealthServicer()
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
        self._health.set(SERVICE, status.SERVING if ready else status.NOT_SERVING)

    async def stop(self, grace_seconds: float) -> None:
        """Refuse new calls and finish those under way, within the grace."""
        self._health.stop()
        await self._server.stop(grace_seconds)
