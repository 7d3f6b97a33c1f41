"""python -m mien_tf_serving.health [PORT]: ends with 0 where every model is served, else with 1.

For a container's health check; Kubernetes asks the same by itself.
"""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_PORT = "8500"
_TIMEOUT_SECONDS = 3.0


def main(arguments: list[str]) -> int:
    """Ask the server on this machine; say why it does not serve."""
    port = arguments[0] if arguments else _PORT
    options = (("grpc.enable_http_proxy", 0),)
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        request = health_pb2.HealthCheckRequest()
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=_TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            sys.stderr.write(f"mien_tf_serving: no answer: {error}\n")
            return 1
    return 0 if answer.status == health_pb2.HealthCheckResponse.SERVING else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
