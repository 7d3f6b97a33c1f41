"""Every operation has its words, and both clients have the same methods."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from mien_client import AsyncClient, Client
from mien_client import operations as ops
from mien_client.errors import NotOfferedError
from mien_client.grpc.calls import CALLS as GRPC_CALLS
from mien_client.grpc.calls import grpc_call
from mien_client.operations import Operation, Options
from mien_client.rest.calls import CALLS as REST_CALLS
from mien_client.rest.calls import rest_call

OPERATIONS = [
    kind
    for kind in vars(ops).values()
    if isinstance(kind, type) and issubclass(kind, Operation) and kind is not Operation
]


def methods(client: type[Any]) -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    }


def test_rest_has_words_for_everything() -> None:
    """And gRPC for a part of it."""
    assert set(REST_CALLS) == set(OPERATIONS)
    assert set(GRPC_CALLS) < set(OPERATIONS)


def test_every_operation_is_named_after_its_method() -> None:
    """So that an error names what the caller has called."""
    assert {operation.call for operation in OPERATIONS} <= set(methods(Client))


def test_both_clients_have_the_same_methods() -> None:
    """With the same parameters and the same defaults; frames may come asynchronously, too."""
    mine, its = methods(Client), methods(AsyncClient)
    assert list(mine) == list(its)
    for name, method in mine.items():
        parameters = inspect.signature(method).parameters
        others = inspect.signature(its[name]).parameters
        assert list(parameters) == list(others), name
        for parameter, other in zip(parameters.values(), others.values(), strict=True):
            assert (parameter.kind, parameter.default) == (other.kind, other.default), name
            assert name == "stream" or parameter.annotation == other.annotation, name


def test_what_grpc_lacks_names_the_method_and_the_way_out() -> None:
    """With an address that would do."""
    with pytest.raises(NotOfferedError, match=r"`card`.*http://HOST:8000.*grpc://mien:9000"):
        grpc_call(ops.ReadCard("a"), "grpc://mien:9000")


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (ops.FindModel("../healthz"), "/v1/models/..%2Fhealthz"),
        (ops.ReadCard("a?b=c#d"), "/v1/models/a%3Fb%3Dc%23d/card"),
        (ops.ReadTimeline("größe", 0, None), "/v1/sessions/gr%C3%B6%C3%9Fe/timeline"),
        (ops.DeleteVideo("a/../b"), "/v1/videos/a%2F..%2Fb"),
    ],
)
def test_a_name_leads_nowhere_else(operation: Operation[Any], path: str) -> None:
    """Whatever a caller puts into it."""
    assert rest_call(operation).path == path


def test_what_is_not_asked_for_is_not_sent() -> None:
    """The gateway's own settings hold then."""
    plain = rest_call(ops.Analyze(b"", "", Options())).arguments()
    assert plain["params"] == {}
    assert "Cache-Control" not in plain["headers"]
    options = Options(minimum_confidence=0.0, allow_twin=True, session="s", no_store=True)
    full = rest_call(ops.Analyze(b"", "m", options)).arguments()
    assert full["params"] == {
        "model": "m",
        "minimum_confidence": "0.0",
        "allow_twin": "true",
        "session": "s",
    }
    assert full["headers"]["Cache-Control"] == "no-store"
    message: Any = grpc_call(ops.Analyze(b"", "", Options()), "").request
    assert not message.HasField("minimum_confidence")
    message = grpc_call(ops.Analyze(b"", "m", options), "").request
    assert message.HasField("minimum_confidence")
    assert (message.model, message.session, message.no_store) == ("m", "s", True)
