"""Run by `helm test`: gateway and face detector say over gRPC that they serve."""

import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

for target in os.environ["GRPC_TARGETS"].split(","):
    with grpc.insecure_channel(f"dns:///{target}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=10, wait_for_ready=True)
    sys.stdout.write(
        f"{target}: {health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)}\n"
    )
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        sys.exit(1)
