"""The REST calls of TensorFlow Serving, asked of the embedded server and of the real one alike."""

import base64
import contextlib
import json
from http.client import HTTPConnection
from typing import Any

import httpx
import numpy as np
import pytest

from tests.contract.tf_model_server.servers import CALL_SECONDS, Server
from tests.fakes.saved_models import SIDE


def post(server: Server, path: str, document: Any) -> httpx.Response:
    return server.rest.post(f"/v1/models/{path}", content=json.dumps(document))


def face() -> list[Any]:
    return [[[51]] * SIDE] * SIDE


@pytest.mark.parametrize(
    ("path", "marker"),
    [("tiny", 0.2), ("tiny/versions/1", 0.1), ("tiny/labels/stable", 0.1)],
)
def test_rest_predicts_rows(server: Server, path: str, marker: float) -> None:
    """One prediction per instance, of the version that the URL names."""
    response = post(server, f"{path}:predict", {"instances": [face(), face()]})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    np.testing.assert_allclose(response.json()["predictions"], [[0.2, marker, 0.0]] * 2)


@pytest.mark.parametrize("inputs", [[face()], {"faces": [face()]}])
def test_rest_predicts_columns(server: Server, inputs: Any) -> None:
    """A single input may be named or not."""
    response = post(server, "tiny:predict", {"inputs": inputs})
    np.testing.assert_allclose(response.json()["outputs"], [[0.2, 0.2, 0.0]])


def test_rest_names_several_inputs_and_outputs(server: Server) -> None:
    """Rows become objects, columns become one object."""
    rows = {
        "signature_name": "two",
        "instances": [{"left": 2, "right": 10}, {"left": 3.5, "right": 20}],
    }
    assert post(server, "tiny:predict", rows).json() == {
        "predictions": [{"product": 20.0, "sum": 12.0}, {"product": 70.0, "sum": 23.5}]
    }
    columns = {"signature_name": "two", "inputs": {"left": [2], "right": [10]}}
    assert post(server, "tiny:predict", columns).json() == {
        "outputs": {"product": [20.0], "sum": [12.0]}
    }


def test_rest_carries_bytes_as_base64(server: Server) -> None:
    """In, and out where the output's name ends in _bytes; other texts come as they are."""
    content = base64.b64encode(b"\xff\x00ab").decode()
    document = {"signature_name": "words", "inputs": [{"b64": content}, "plain"]}
    outputs = post(server, "tiny:predict", document).json()["outputs"]
    plain = base64.b64encode(b"plain").decode()
    assert outputs["raw_bytes"] == [{"b64": content}, {"b64": plain}]
    assert outputs["upper"][1] == "PLAIN"


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("nobody:predict", '{"instances": [1]}', 404, "Servable not found for request: Latest"),
        ("tiny/versions/77:predict", '{"instances": [1]}', 404, "Specific(tiny, 77)"),
        ("tiny/labels/beta:predict", '{"instances": [1]}', 400, "version label: beta"),
        ("tiny:predict", "", 400, "The document is empty"),
        ("tiny:predict", "{", 400, "JSON Parse error"),
        ("tiny:predict", "[]", 400, "not object"),
        ("tiny:predict", "{}", 400, "Missing 'inputs' or 'instances' key"),
        ("tiny:predict", '{"instances": [1], "inputs": [1]}', 400, "only one of"),
        ("tiny:predict", '{"instances": []}', 400, "No values in"),
        ("tiny:predict", '{"instances": ["x"]}', 400, "instances"),
        ("tiny:predict", '{"instances": [[1, 2], [1]]}', 400, "unexpected size: 1"),
        ("tiny:predict", '{"inputs": {"left": [1]}}', 400, "Missing named input: faces"),
        ("tiny:predict", '{"signature_name": "none", "inputs": [1]}', 400, "none"),
        ("tiny:predict", '{"signature_name": 1, "inputs": [1]}', 400, "signature_name"),
        ("tiny:predict", '{"signature_name": "two", "instances": [1]}', 400, "list of objects"),
        ("tiny:predict", '{"inputs": [[[[0.5]]]]}', 400, "0.5"),
        ("tiny:predict", '{"inputs": [[[[null]]]]}', 400, "null"),
        ("tiny:predict", '{"signature_name": "words", "inputs": [{"b64": "?"}]}', 400, "base64"),
        ("tiny:guess", '{"inputs": [1]}', 400, "Malformed request"),
    ],
)
def test_rest_refuses_with_the_reason(
    server: Server, path: str, body: str, status: int, words: str
) -> None:
    """Every refusal is a JSON object with an error, and has the fitting status."""
    response = server.rest.post(f"/v1/models/{path}", content=body)
    assert response.status_code == status, response.text
    assert words in response.json()["error"]


@pytest.mark.parametrize(("method", "mebibytes"), [("PUT", 30), ("POST", 30), ("POST", 130)])
def test_a_refusal_reaches_a_caller_that_sends_all_first(
    server: Server, method: str, mebibytes: int
) -> None:
    """Although it asked for the connection to be closed, as urllib does."""
    connection = HTTPConnection(server.rest.base_url.netloc.decode(), timeout=CALL_SECONDS)
    with contextlib.closing(connection):
        body = bytes(mebibytes * 1024 * 1024)
        connection.request(method, "/v1/models/tiny:predict", body, {"connection": "close"})
        assert connection.getresponse().status in {400, 405}


def test_rest_tells_the_status(server: Server) -> None:
    """Numbers of versions are texts, states and codes are names."""
    document = server.rest.get("/v1/models/tiny/versions/1").json()
    assert document == {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    both = server.rest.get("/v1/models/tiny").json()["model_version_status"]
    assert {one["version"] for one in both} == {"1", "2"}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/models/nobody", 404), ("/v1/models/tiny/versions/9", 404), ("/v1/models", 400)],
)
def test_rest_tells_no_status_of_what_is_unknown(server: Server, path: str, status: int) -> None:
    """And asks for a model's name."""
    response = server.rest.get(path)
    assert response.status_code == status
    assert response.json()["error"]


def test_rest_tells_the_metadata(server: Server) -> None:
    """The signatures, as in gRPC."""
    document = server.rest.get("/v1/models/tiny/metadata").json()
    assert document["model_spec"]["version"] == "2"
    signatures = document["metadata"]["signature_def"]["signature_def"]
    default = signatures["serving_default"]
    assert default["inputs"]["faces"]["dtype"] == "DT_UINT8"
    assert len(default["inputs"]["faces"]["tensor_shape"]["dim"]) == 4
