"""The API's description, as programs that make clients of it need it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import FakeGateway

PROBLEM = {"$ref": "#/components/responses/Problem"}
INFERENCE_ERROR = {"$ref": "#/components/responses/InferenceError"}


@pytest.fixture
def document(gateway: FakeGateway) -> dict[str, Any]:
    return create_http_app(gateway.core).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from objects(child)


def test_every_error_is_the_one_problem_in_the_media_type_that_is_sent(
    document: dict[str, Any],
) -> None:
    """Under /v2 it is the protocol's error; a part's state that comes with 503 is no error."""
    for path, _, operation in operations(document):
        error = INFERENCE_ERROR if path.startswith("/v2") else PROBLEM
        for status, response in operation["responses"].items():
            if status < "400" or path == "/readyz" or (status == "503" and "ready" in path):
                continue
            assert {**error, "description": response["description"]} == response
    components = document["components"]
    assert {
        name: {media_type: content["schema"] for media_type, content in one["content"].items()}
        for name, one in components["responses"].items()
    } == {
        "Problem": {"application/problem+json": {"$ref": "#/components/schemas/Problem"}},
        "InferenceError": {"application/json": {"$ref": "#/components/schemas/InferenceError"}},
    }
    assert not any("ValidationError" in name for name in components["schemas"])


def test_refusals_of_hosts_and_origins_are_told(document: dict[str, Any]) -> None:
    """A GET changes nothing, whoever's page asks."""
    for _, method, operation in operations(document):
        told = {status for status in ("403", "421") if status in operation["responses"]}
        if "401" in operation["responses"]:
            assert told == ({"421"} if method == "get" else {"403", "421"})


def test_what_has_a_name_is_referred_to(document: dict[str, Any]) -> None:
    """An inlined copy would be a class of its own in a generated client."""
    named = set(document["components"]["schemas"])
    for _, _, operation in operations(document):
        inlined = {one.get("title") for one in objects(operation) if "properties" in one}
        assert not inlined & named
        content = operation.get("requestBody", {}).get("content", {})
        for media_type in {"application/json", "multipart/form-data"} & set(content):
            assert set(content[media_type]["schema"]) == {"$ref"}


def test_every_call_has_a_name_that_is_not_its_path(document: dict[str, Any]) -> None:
    """Generators name their methods by it."""
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for _, method, operation in operations(document):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
        assert not operation["operationId"].endswith(f"_{method}")
    assert {"analyze", "analyze_batch", "list_models", "create_video", "model_infer"} <= set(names)


def test_it_says_where_the_gateway_is(document: dict[str, Any]) -> None:
    """There, where the document came from: it may stand behind any name."""
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_a_constant_is_one_value(document: dict[str, Any]) -> None:
    """Not every generator takes a list for one."""
    assert not [one for one in objects(document) if isinstance(one.get("const"), list | dict)]


def test_operations_have_the_types_that_they_send(document: dict[str, Any]) -> None:
    """Text for Prometheus, and a document that says what is in it."""
    content = {
        path: document["paths"][path]["get"]["responses"]["200"]["content"]
        for path in ("/metrics", "/healthz")
    }
    assert content == {
        "/metrics": {"text/plain": {"schema": {"type": "string"}}},
        "/healthz": {"application/json": {"schema": {"$ref": "#/components/schemas/Liveness"}}},
    }
