"""python -m mien_detector.health: ends with 0 where this machine's detector serves, else with 1.

For a container's health check; Kubernetes asks the same by itself.
"""

import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_TIMEOUT_SECONDS = 3.0


def main() -> int:
    """Ask the detector that the environment describes; say why it does not serve."""
    address = os.environ.get("MIEN_DETECTOR_ADDRESS", "127.0.0.1:50051")
    port = address.rpartition(":")[2]
    options = (("grpc.enable_http_proxy", 0),)
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        request = health_pb2.HealthCheckRequest()
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=_TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            sys.stderr.write(f"mien-detector: no answer: {error}\n")
            return 1
    return 0 if answer.status == health_pb2.HealthCheckResponse.SERVING else 1


if __name__ == "__main__":
    sys.exit(main())
