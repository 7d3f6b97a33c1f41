"""The gRPC calls of TensorFlow Serving, asked of the embedded server and of the real one alike."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
)

from tests.contract.tf_model_server.servers import (
    CALL_SECONDS,
    LARGEST_BATCH,
    Array,
    Server,
    faces,
    request_for,
)
from tests.fakes.saved_models import SIDE


def refused(call: Any, code: grpc.StatusCode, *words: str) -> None:
    """Assert that a call is refused with a code and words."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    assert caught.value.code() is code, caught.value.details()
    for word in words:
        assert word in str(caught.value.details())


@pytest.mark.parametrize("count", [1, 3, LARGEST_BATCH])
def test_predict_answers_raw_bytes(server: Server, count: int) -> None:
    """The newest version answers, one row per face, and says which it is."""
    response = server.predict(request_for(faces(count)))
    probabilities = tf.make_ndarray(response.outputs["probabilities"])
    np.testing.assert_allclose(probabilities, [[0.2, 0.2, 0.0]] * count, atol=1e-6)
    assert probabilities.dtype == np.float32
    assert response.model_spec.name == "tiny"
    assert response.model_spec.version.value == 2
    assert response.model_spec.signature_name == "serving_default"


def test_predict_answers_typed_values(server: Server) -> None:
    """A tensor may also be written value by value."""
    request = request_for(faces(1))
    tensor = request.inputs["faces"]
    tensor.ClearField("tensor_content")
    tensor.int_val.extend([255] * SIDE * SIDE)
    response = server.predict(request)
    first = tf.make_ndarray(response.outputs["probabilities"])[0]
    np.testing.assert_allclose(first, [1.0, 0.2, 0.0], atol=1e-6)


def test_typed_values_out_of_range_are_narrowed(server: Server) -> None:
    """As perf_analyzer sends them; a value that stands last stands for all that are missing."""
    request = request_for(faces(2))
    tensor = request.inputs["faces"]
    tensor.ClearField("tensor_content")
    tensor.int_val.extend([*([255 + 256] * SIDE * SIDE), 603987968])
    response = server.predict(request)
    probabilities = tf.make_ndarray(response.outputs["probabilities"])
    np.testing.assert_allclose(probabilities, [[1.0, 0.2, 0.0], [0.0, 0.2, 0.0]], atol=1e-6)


def test_a_long_reason_is_shortened(server: Server) -> None:
    """GRPC would send another error in its place."""
    request = request_for(faces(1), label="é" * 20_000)
    words = ("version label: éé", "...TRUNCATED")
    refused(lambda: server.predict(request), grpc.StatusCode.INVALID_ARGUMENT, *words)


def test_an_empty_signature_name_means_the_default(server: Server) -> None:
    """As the contract says."""
    response = server.predict(request_for(faces(1), signature=""))
    assert response.model_spec.signature_name == "serving_default"


@pytest.mark.parametrize(
    ("spec", "version"),
    [({"version": 1}, 1), ({"version": 2}, 2), ({"label": "stable"}, 1), ({"label": "canary"}, 2)],
)
def test_a_version_is_chosen_by_number_or_label(
    server: Server, spec: dict[str, Any], version: int
) -> None:
    """Each version has its own weights, and the answer says which it was."""
    response = server.predict(request_for(faces(1), **spec))
    marker = tf.make_ndarray(response.outputs["probabilities"])[0, 1]
    assert marker == pytest.approx(version / 10)
    assert response.model_spec.version.value == version


def two_request(*filters: str) -> Any:
    request = request_for(np.array([2, 3], np.float32), signature="two", input="left")
    right = request_for(np.array([10, 20], np.float32), input="right").inputs["right"]
    request.inputs["right"].CopyFrom(right)
    request.output_filter.extend(filters)
    return request


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((), {"sum": [12, 23], "product": [20, 60]}),
        (("product",), {"product": [20, 60]}),
        (("sum", "product"), {"sum": [12, 23], "product": [20, 60]}),
    ],
)
def test_the_output_filter_chooses_outputs(
    server: Server, filters: tuple[str, ...], expected: dict[str, list[float]]
) -> None:
    """Without one, all come; inputs are told apart by their names."""
    outputs = server.predict(two_request(*filters)).outputs
    assert {name: tf.make_ndarray(outputs[name]).tolist() for name in outputs} == expected


def gradcam_request(array: Array, classes: list[int]) -> Any:
    request = request_for(array, signature="gradcam")
    asked = request_for(np.array(classes, np.int64), input="classes").inputs["classes"]
    request.inputs["classes"].CopyFrom(asked)
    return request


def assert_explained(response: Any, value: int, classes: list[int]) -> None:
    assert response.model_spec.signature_name == "gradcam"
    heat = tf.make_ndarray(response.outputs["heat"])
    probabilities = tf.make_ndarray(response.outputs["probabilities"])
    right = np.ones((len(classes), SIDE, SIDE)) * np.reshape(classes, (-1, 1, 1)) * value / 255
    np.testing.assert_allclose(heat, right, atol=1e-6)
    np.testing.assert_allclose(probabilities, [[value / 255, 0.2, 0.0]] * len(classes), atol=1e-6)
    assert (heat.dtype, probabilities.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("classes", [[2], [0, -1, 1], list(range(LARGEST_BATCH))])
def test_faces_are_explained(server: Server, classes: list[int]) -> None:
    """A second signature takes a class with each face, and finds gradients inside the graph."""
    response = server.predict(gradcam_request(faces(len(classes)), classes))
    assert_explained(response, 51, classes)


def test_explanations_that_are_joined_keep_their_classes(server: Server) -> None:
    """Faces and classes of concurrent calls go into one batch side by side, and come apart."""

    def ask(value: int) -> Any:
        return server.predict(gradcam_request(faces(2, value), [value, value + 1]))

    with ThreadPoolExecutor(8) as pool:
        for value, response in enumerate(pool.map(ask, range(40))):
            assert_explained(response, value, [value, value + 1])


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (np.array([1, 2, 3], np.int64), "equal 0th-dimension size"),
        (np.array([1, 2], np.int32), ""),
        (np.array([[1], [2]], np.int64), ""),
    ],
)
def test_classes_that_do_not_fit_the_faces_are_refused(
    server: Server, classes: Array, words: str
) -> None:
    """One int64 for each face."""
    request = gradcam_request(faces(2), [0, 0])
    request.inputs["classes"].CopyFrom(request_for(classes, input="classes").inputs["classes"])
    refused(lambda: server.predict(request), grpc.StatusCode.INVALID_ARGUMENT, words)


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ({"name": "nobody"}, grpc.StatusCode.NOT_FOUND, "Latest(nobody)"),
        ({"version": 77}, grpc.StatusCode.NOT_FOUND, "Specific(tiny, 77)"),
        ({"label": "beta"}, grpc.StatusCode.INVALID_ARGUMENT, "version label: beta"),
        ({"name": ""}, grpc.StatusCode.INVALID_ARGUMENT, "name"),
        ({"signature": "none"}, grpc.StatusCode.FAILED_PRECONDITION, 'key "none" not found'),
        ({"input": "images"}, grpc.StatusCode.INVALID_ARGUMENT, "images"),
    ],
)
def test_an_unknown_name_is_refused(
    server: Server, spec: dict[str, Any], code: grpc.StatusCode, words: str
) -> None:
    """Model, version, label, signature or input: each with its code and its name."""
    refused(lambda: server.predict(request_for(faces(1), **spec)), code, words)


def test_missing_and_extra_inputs_are_named(server: Server) -> None:
    """The caller learns what was wrong, not only that something was."""
    request = request_for(faces(1))
    request.inputs["more"].CopyFrom(request.inputs["faces"])
    words = ("input size does not match signature: 2!=1", "Sent extra: {more}")
    refused(lambda: server.predict(request), grpc.StatusCode.INVALID_ARGUMENT, *words)
    del request.inputs["more"], request.inputs["faces"]
    words = ("0!=1", "Missing but required: {faces}")
    refused(lambda: server.predict(request), grpc.StatusCode.INVALID_ARGUMENT, *words)


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.zeros((1, SIDE, SIDE, 1), np.float32), id="type"),
        pytest.param(np.zeros((1, SIDE + 1, SIDE + 1, 1), np.uint8), id="size"),
        pytest.param(np.zeros((7,), np.uint8), id="rank"),
        pytest.param(np.zeros((), np.uint8), id="scalar"),
        pytest.param(faces(LARGEST_BATCH + 1), id="rows"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused(server: Server, array: Array) -> None:
    """Wrong type, size, rank, or more rows than the largest batch."""
    code = grpc.StatusCode.INVALID_ARGUMENT
    refused(lambda: server.predict(request_for(array)), code)
    assert server.predict(request_for(faces(1))).model_spec.version.value == 2


def test_bytes_that_do_not_fill_the_shape_are_refused(server: Server) -> None:
    """A truncated tensor must not be read past its end."""
    request = request_for(faces(2))
    request.inputs["faces"].tensor_content = b"\0" * 5
    words = "tensor parsing error: faces"
    refused(lambda: server.predict(request), grpc.StatusCode.INVALID_ARGUMENT, words)


def test_an_unknown_or_repeated_output_is_refused(server: Server) -> None:
    """A filter is checked before anything is computed."""
    code = grpc.StatusCode.INVALID_ARGUMENT
    words = "output tensor alias not found in signature: none"
    refused(lambda: server.predict(two_request("none")), code, words)
    words = "duplicate output tensor alias: sum"
    refused(lambda: server.predict(two_request("sum", "sum")), code, words)


def test_the_status_names_every_version(server: Server) -> None:
    """Both are available, and nothing is wrong with them."""
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "tiny"
    response = server.models.GetModelStatus(request, timeout=CALL_SECONDS)
    found = {
        (one.version, one.state, one.status.error_code) for one in response.model_version_status
    }
    assert found == {(1, 30, 0), (2, 30, 0)}


def test_the_status_of_one_version_comes_alone(server: Server) -> None:
    """Asked by number."""
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "tiny"
    request.model_spec.version.value = 1
    response = server.models.GetModelStatus(request, timeout=CALL_SECONDS)
    assert [one.version for one in response.model_version_status] == [1]


def test_the_status_of_what_is_unknown_is_refused(server: Server) -> None:
    """A missing spec is a mistake, an unknown model is not found."""
    request = get_model_status_pb2.GetModelStatusRequest()

    def call() -> None:
        server.models.GetModelStatus(request, timeout=CALL_SECONDS)

    refused(call, grpc.StatusCode.INVALID_ARGUMENT, "Missing ModelSpec")
    request.model_spec.name = "nobody"
    refused(call, grpc.StatusCode.NOT_FOUND, "Could not find any versions of model nobody")


def test_the_metadata_tells_the_signatures(server: Server) -> None:
    """Names, types and shapes of inputs and outputs."""
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "tiny"
    response = server.metadata(request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    default = signatures.signature_def["serving_default"]
    sizes = [dim.size for dim in default.inputs["faces"].tensor_shape.dim]
    assert (default.inputs["faces"].dtype, sizes) == (4, [-1, SIDE, SIDE, 1])
    gradcam = signatures.signature_def["gradcam"]
    assert set(gradcam.inputs) == {"faces", "classes"}
    assert set(gradcam.outputs) == {"probabilities", "heat"}
    assert response.model_spec.version.value == 2


@pytest.mark.parametrize("fields", [[], ["weights"]])
def test_metadata_that_is_not_there_is_refused(server: Server, fields: list[str]) -> None:
    """Only the signatures can be asked for."""
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    request.model_spec.name = "tiny"
    refused(lambda: server.metadata(request), grpc.StatusCode.INVALID_ARGUMENT)


def test_a_reload_needs_a_list_of_models(server: Server) -> None:
    """Nothing else can be reloaded, and what was served still is."""
    request = model_management_pb2.ReloadConfigRequest()

    def call() -> None:
        server.models.HandleReloadConfigRequest(request, timeout=CALL_SECONDS)

    refused(call, grpc.StatusCode.INVALID_ARGUMENT, "Only ModelConfigList")
    assert server.predict(request_for(faces(1))).model_spec.version.value == 2
