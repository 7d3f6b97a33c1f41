"""Each operation that gRPC offers as a message, and how its answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from mien.v1 import emotion_pb2 as pb

from mien_client import operations as ops
from mien_client import types
from mien_client.errors import NotOfferedError
from mien_client.grpc import messages
from mien_client.operations import Operation
from mien_client.refusals import refusal

T = TypeVar("T")

SERVICE: str = pb.DESCRIPTOR.services_by_name["EmotionService"].full_name


@dataclass(frozen=True, slots=True)
class GrpcCall(Generic[T]):
    """A message, the kind of its answer, and how that is read."""

    path: str
    request: Message
    answer: type[Any]
    read: Callable[[Any], T]


def grpc_call(operation: Operation[T], address: str) -> GrpcCall[T]:
    """Return an operation as a message.

    Raises NotOfferedError for what REST alone has.
    """
    call = CALLS.get(type(operation))
    if call is None:
        raise NotOfferedError(operation.call, address)
    return call(operation)


def _ours(
    method: str, request: Message, answer: type[Any], read: Callable[[Any], T]
) -> GrpcCall[T]:
    return GrpcCall(f"/{SERVICE}/{method}", request, answer, read)


def _analyze(one: ops.Analyze) -> GrpcCall[types.Analysis]:
    options = one.options
    request = pb.AnalyzeRequest(
        image=one.image,
        model=one.model,
        no_store=options.no_store,
        allow_twin=options.allow_twin,
        minimum_confidence=options.minimum_confidence,
        session=options.session,
    )
    return _ours("Analyze", request, pb.AnalyzeResponse, messages.analysis)


def _compare(one: ops.Compare) -> GrpcCall[types.Comparison]:
    request = pb.CompareRequest(image=one.image, model=one.model)
    return _ours("Compare", request, pb.CompareResponse, messages.comparison)


def _explain(one: ops.Explain) -> GrpcCall[types.Explanation]:
    request = pb.ExplainRequest(
        image=one.image, model=one.model, label=one.label, overlay=one.overlay
    )
    return _ours("Explain", request, pb.ExplainResponse, messages.explanation)


def _list_models(_: ops.ListModels) -> GrpcCall[list[types.Model]]:
    return _ours("ListModels", pb.ListModelsRequest(), pb.ListModelsResponse, _models)


def _find_model(one: ops.FindModel) -> GrpcCall[types.Model]:
    def read(message: pb.ListModelsResponse) -> types.Model:
        models = {model.name: model for model in _models(message)}
        if one.name not in models:
            # The gateway's own words for it, which REST brings.
            detail = f"There is no model {one.name!r}: choose one of {', '.join(sorted(models))}"
            code = "unknown_model"
            raise refusal(code, detail)
        return models[one.name]

    return _ours("ListModels", pb.ListModelsRequest(), pb.ListModelsResponse, read)


def _models(message: pb.ListModelsResponse) -> list[types.Model]:
    return [messages.model(model) for model in message.models]


def _ask_status(_: ops.AskStatus) -> GrpcCall[types.Status]:
    return GrpcCall(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest(service=SERVICE),
        health_pb2.HealthCheckResponse,
        _status,
    )


def _status(message: Any) -> types.Status:
    is_ready = message.status == health_pb2.HealthCheckResponse.SERVING
    return types.Status("ready" if is_ready else "not ready", {}, {}, "")


CALLS: Mapping[type[Operation[Any]], Callable[[Any], GrpcCall[Any]]] = {
    ops.Analyze: _analyze,
    ops.Compare: _compare,
    ops.Explain: _explain,
    ops.ListModels: _list_models,
    ops.FindModel: _find_model,
    ops.AskStatus: _ask_status,
}
"""How gRPC words what it offers."""
