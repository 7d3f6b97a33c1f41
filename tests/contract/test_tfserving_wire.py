"""Our subset of the contract and the official package read each other's bytes."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from mien.third_party import tfserving_pb2 as ours
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import (
    get_model_status_pb2,
    model_pb2,
    model_service_pb2,
    predict_pb2,
    prediction_service_pb2,
)

from mien_gateway.clients.tensorflow_serving import GET_MODEL_STATUS, PREDICT

OFFICIAL = {
    "ModelSpec": model_pb2.ModelSpec,
    "TensorProto": tensor_pb2.TensorProto,
    "PredictRequest": predict_pb2.PredictRequest,
    "PredictResponse": predict_pb2.PredictResponse,
    "GetModelStatusRequest": get_model_status_pb2.GetModelStatusRequest,
    "GetModelStatusResponse": get_model_status_pb2.GetModelStatusResponse,
}
INT64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FLOATS = st.floats(width=32, allow_nan=False)


def specs() -> st.SearchStrategy[ours.ModelSpec]:
    """Model specs with a version, a label, or neither."""
    plain = {"name": NAMES, "signature_name": NAMES}
    return st.one_of(
        st.builds(ours.ModelSpec, **plain),
        st.builds(ours.ModelSpec, **plain, version_label=NAMES),
        st.builds(ours.ModelSpec, **plain, version=st.builds(ours.Int64Value, value=INT64)),
    )


def tensors() -> st.SearchStrategy[ours.TensorProto]:
    """Tensors of raw bytes, of values, or of both."""
    dims = st.lists(st.builds(ours.TensorShapeProto.Dim, size=INT64, name=NAMES), max_size=4)
    shapes = st.builds(ours.TensorShapeProto, dim=dims, unknown_rank=st.booleans())
    return st.builds(
        ours.TensorProto,
        dtype=st.sampled_from(list(ours.DataType.values())),
        tensor_shape=shapes,
        version_number=st.integers(min_value=-(2**31), max_value=2**31 - 1),
        tensor_content=st.binary(max_size=50),
        float_val=st.lists(FLOATS, max_size=5),
    )


def statuses() -> st.SearchStrategy[ours.ModelVersionStatus]:
    """Statuses in every state, well or not."""
    status = st.builds(
        ours.StatusProto, error_code=st.integers(min_value=0, max_value=16), error_message=NAMES
    )
    return st.builds(
        ours.ModelVersionStatus,
        version=INT64,
        state=st.sampled_from(list(ours.ModelVersionStatus.State.values())),
        status=status,
    )


def messages() -> st.SearchStrategy[Any]:
    """Every message that goes over the wire."""
    named = st.dictionaries(NAMES, tensors(), max_size=3)
    return st.one_of(
        st.builds(
            ours.PredictRequest,
            model_spec=specs(),
            inputs=named,
            output_filter=st.lists(NAMES, max_size=3),
        ),
        st.builds(ours.PredictResponse, model_spec=specs(), outputs=named),
        st.builds(ours.GetModelStatusRequest, model_spec=specs()),
        st.builds(
            ours.GetModelStatusResponse, model_version_status=st.lists(statuses(), max_size=3)
        ),
    )


def values_of(message: Message) -> Iterator[tuple[str, Any]]:
    """Yield path and value of everything set in a message, whatever its package."""
    for field, value in message.ListFields():
        if field.message_type is None:
            yield field.name, list(value) if field.is_repeated else value
        elif field.message_type.GetOptions().map_entry:
            for key in sorted(value):
                yield f"{field.name}[{key}]", dict(values_of(value[key]))
        else:
            for part in value if field.is_repeated else [value]:
                yield field.name, dict(values_of(part))


@given(messages())
def test_the_official_package_reads_what_we_write(message: Any) -> None:
    """Every value arrives, under the same name."""
    official = OFFICIAL[message.DESCRIPTOR.name].FromString(message.SerializeToString())
    assert list(values_of(official)) == list(values_of(message))


@given(messages())
def test_we_read_what_the_official_package_writes(message: Any) -> None:
    """There and back again nothing is lost, and nothing lands among the unknown."""
    official = OFFICIAL[message.DESCRIPTOR.name].FromString(message.SerializeToString())
    assert type(message).FromString(official.SerializeToString()) == message


def test_every_type_of_tensor_has_the_official_number() -> None:
    """An enum's numbers are the wire."""
    official = dict(types_pb2.DataType.items())
    assert {name: official[name] for name in ours.DataType.keys()} == dict(ours.DataType.items())  # noqa: SIM118 - an enum wrapper is no dict


def test_every_state_has_the_official_number() -> None:
    """And none is missing: the server may be in any of them."""
    official = get_model_status_pb2.ModelVersionStatus.State
    assert dict(ours.ModelVersionStatus.State.items()) == dict(official.items())


def test_values_that_we_do_not_know_are_skipped() -> None:
    """A tensor of strings is no use to us, but reading it must not fail."""
    official = predict_pb2.PredictResponse()
    official.outputs["words"].dtype = types_pb2.DT_STRING
    official.outputs["words"].string_val.append(b"hello")
    read = ours.PredictResponse.FromString(official.SerializeToString())
    assert read.outputs["words"].dtype == ours.DT_STRING
    assert not read.outputs["words"].tensor_content


@pytest.mark.parametrize(
    ("path", "file", "request_name", "response_name"),
    [
        (PREDICT, prediction_service_pb2, "PredictRequest", "PredictResponse"),
        (
            GET_MODEL_STATUS,
            model_service_pb2,
            "GetModelStatusRequest",
            "GetModelStatusResponse",
        ),
    ],
)
def test_the_gateway_calls_methods_that_exist(
    path: str, file: Any, request_name: str, response_name: str
) -> None:
    """By their full official names, with the messages that they take and give."""
    _, service_name, method_name = path.split("/")
    service = file.DESCRIPTOR.services_by_name[service_name.rpartition(".")[2]]
    assert service.full_name == service_name
    method = service.methods_by_name[method_name]
    assert method.input_type.full_name == f"tensorflow.serving.{request_name}"
    assert method.output_type.full_name == f"tensorflow.serving.{response_name}"
