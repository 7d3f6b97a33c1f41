"""A client that knows nothing but the address: reflection, health, then the calls."""

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.running_system import System

pytestmark = pytest.mark.e2e

SERVICE = "mien.v1.EmotionService"


@pytest.fixture(scope="module")
def channel(system: System) -> Iterator[grpc.Channel]:
    """A channel to the gateway."""
    with grpc.insecure_channel(f"127.0.0.1:{system.settings.grpc_port}") as channel:
        yield channel


@pytest.fixture(scope="module")
def pool(channel: grpc.Channel) -> descriptor_pool.DescriptorPool:
    """What the server says of itself; our own generated code is not looked at."""
    database = ProtoReflectionDescriptorDatabase(channel)
    assert SERVICE in database.get_services()
    return descriptor_pool.DescriptorPool(database)


def method(channel: grpc.Channel, pool: descriptor_pool.DescriptorPool, name: str) -> Any:
    """A callable for a method, and the class of its requests."""
    found = pool.FindServiceByName(SERVICE).methods_by_name[name]
    request = message_factory.GetMessageClass(found.input_type)
    response = message_factory.GetMessageClass(found.output_type)
    make = channel.stream_stream if found.client_streaming else channel.unary_unary
    call = make(
        f"/{SERVICE}/{name}",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
    )
    return call, request


def test_health_says_that_it_serves(channel: grpc.Channel) -> None:
    """For the process, and for the service."""
    stub = health_pb2_grpc.HealthStub(channel)
    for name in ("", SERVICE):
        response = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
        assert response.status == health_pb2.HealthCheckResponse.SERVING


def test_it_lists_and_analyses(
    channel: grpc.Channel, pool: descriptor_pool.DescriptorPool, photo: bytes
) -> None:
    """With each model of the list."""
    list_models, empty = method(channel, pool, "ListModels")
    models = [model.name for model in list_models(empty(), timeout=5).models]
    assert "fer2013-squeezenet-pytorch" in models
    analyze, request = method(channel, pool, "Analyze")
    for model in models:
        answer = analyze(request(image=photo, model=model), timeout=20)
        assert answer.model.name == model
        assert len(answer.faces) == 1
        assert answer.faces[0].top.probability > 0.8


def test_it_compares_and_explains(
    channel: grpc.Channel, pool: descriptor_pool.DescriptorPool, photo: bytes
) -> None:
    """The twins agree on the face, and on where they see its expression."""
    compare, request = method(channel, pool, "Compare")
    compared = compare(request(image=photo), timeout=20)
    assert [one.model.framework for one in compared.models] == ["pytorch", "tensorflow"]
    assert compared.largest_difference < 1e-4
    explain, request = method(channel, pool, "Explain")
    maps = [
        explain(request(image=photo, model=f"fer2013-squeezenet-{framework}"), timeout=20)
        .faces[0]
        .heat_map.values
        for framework in ("pytorch", "tensorflow")
    ]
    assert max(maps[0]) > 0.5
    assert max(abs(one - other) for one, other in zip(*maps, strict=True)) < 1e-3


def test_it_streams(
    channel: grpc.Channel, pool: descriptor_pool.DescriptorPool, photo: bytes
) -> None:
    """Ten frames at ten a second, all answered, one face with one number."""
    stream, request = method(channel, pool, "AnalyzeStream")

    def frames() -> Iterator[Message]:
        yield request(start={"consent": True})
        for number in range(10):
            time.sleep(0.1)
            yield request(frame={"image": photo + bytes([number])})

    ready, *results = stream(frames(), timeout=30)
    assert ready.ready.model.name == "fer2013-squeezenet-pytorch"
    assert len(results) >= 8
    assert {face.track for one in results for face in one.result.analysis.faces} == {1}
    assert len(results) + results[-1].result.dropped_frames == 10
