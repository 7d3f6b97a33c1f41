"""The gRPC server around the servicer: health, reflection, limits, an end in good order."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection
from mien.v1 import face_detector_pb2 as pb
from mien.v1 import face_detector_pb2_grpc as pb_grpc

from mien_detector.errors import StartError
from mien_detector.transport.servicer import Servicer

SERVICE = pb.DESCRIPTOR.services_by_name["FaceDetector"].full_name


class DetectorServer:
    """Listens from `start` to `stop`."""

    def __init__(
        self,
        servicer: Servicer,
        *,
        address: str,
        message_bytes: int,
        max_connection_age_seconds: float,
    ) -> None:
        """Take the servicer, host:port, and the largest message in either direction."""
        self._address = address
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", message_bytes),
                # Without this a second server would silently share the port of the first.
                ("grpc.so_reuseport", 0),
                # Callers look names up again when they must connect again.
                ("grpc.max_connection_age_ms", round(1000 * max_connection_age_seconds)),
            ]
        )
        self._health = health.HealthServicer()
        pb_grpc.add_FaceDetectorServicer_to_server(servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
        reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), self._server)

    async def start(self) -> int:
        """Listen, and return the port.

        Raises:
            StartError: the address cannot be listened on.
        """
        try:
            port = self._server.add_insecure_port(self._address)
        except RuntimeError as error:
            message = (
                f"cannot listen on {self._address}: the port is in use or not allowed; "
                "choose another with MIEN_DETECTOR_ADDRESS"
            )
            raise StartError(message) from error
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self, grace_seconds: float) -> None:
        """Report NOT_SERVING, take no new calls, and let those in flight end."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)
