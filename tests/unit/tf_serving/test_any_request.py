"""No request is a failure of the server, whatever is in it."""

import contextlib
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import predict_pb2

from mien_tf_serving.batching_parameters import BatchingParameters
from mien_tf_serving.config_files import ModelSettings
from mien_tf_serving.embedded.batching import BatchScheduler
from mien_tf_serving.embedded.bundle import Bundle
from mien_tf_serving.embedded.core import ServerCore
from mien_tf_serving.embedded.manager import ModelManager
from mien_tf_serving.embedded.tensors import array_from
from mien_tf_serving.errors import FailedPrecondition, InvalidArgument, NotFound
from tests.fakes.saved_models import SIDE, write_version

_FIELDS = {
    field.name: field
    for field in tensor_pb2.TensorProto.DESCRIPTOR.fields
    if field.name.endswith("_val")
}
_INTEGERS = {"int_val": 31, "half_val": 31, "int64_val": 63}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.integers(-(2**bits), 2**bits - 1) for name, bits in _INTEGERS.items()},
    "uint32_val": st.integers(0, 2**32 - 1),
    "uint64_val": st.integers(0, 2**64 - 1),
    "bool_val": st.booleans(),
    "string_val": st.binary(max_size=9),
    "float_val": st.floats(width=32),
    "scomplex_val": st.floats(width=32),
    "double_val": st.floats(),
    "dcomplex_val": st.floats(),
}
_OWN_FIELDS = {
    types_pb2.DT_UINT8: "int_val",
    types_pb2.DT_INT8: "int_val",
    types_pb2.DT_HALF: "half_val",
    types_pb2.DT_INT64: "int64_val",
    types_pb2.DT_FLOAT: "float_val",
    types_pb2.DT_STRING: "string_val",
}
_SIZES = st.sampled_from([0, 1, 2, 3, 4, 8, 9, -1, 1000, 29_000, 10**9, 2**40, 2**62])
_SIGNATURES = {
    "serving_default": {"faces": tf.uint8},
    "gradcam": {"faces": tf.uint8, "classes": tf.int64},
    "two": {"left": tf.float32, "right": tf.float32},
    "words": {"text": tf.string},
}
_MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tensors(draw: st.DrawFn, dtype: int | None = None, sizes: list[int] | None = None) -> Any:
    """Any TensorProto; or one with a good type and shape, and any values."""
    proto = tensor_pb2.TensorProto()
    if dtype is None or sizes is None:
        usual = st.sampled_from(sorted(_OWN_FIELDS))
        dtype = draw(usual | st.sampled_from(types_pb2.DataType.values()) | st.integers(-1, 300))
        sizes = draw(st.lists(_SIZES, max_size=4) | st.just([1] * 300))
        proto.tensor_shape.unknown_rank = draw(st.integers(0, 9)) == 0
    proto.dtype = dtype
    for size in sizes:
        proto.tensor_shape.dim.add(size=size)
    names = st.sampled_from([_OWN_FIELDS.get(dtype, "int_val")] * 9 + sorted(_FIELDS))
    for name in draw(st.sets(names, max_size=3)):
        count = draw(st.integers(1, 5))
        if _FIELDS[name].message_type is not None:
            for _ in range(count):
                getattr(proto, name).add()
        elif name in _VALUES:
            getattr(proto, name).extend(draw(st.lists(_VALUES[name], max_size=count)))
    if draw(st.booleans()):
        proto.tensor_content = draw(st.binary(max_size=33))
    return proto


@st.composite
def requests(draw: st.DrawFn) -> Any:
    """A PredictRequest that is mostly good."""
    request = predict_pb2.PredictRequest()
    spec = request.model_spec
    spec.name = draw(st.sampled_from(["tiny"] * 9 + ["", "nobody", "\0"]))
    if draw(st.integers(0, 3)) == 0:
        spec.version.value = draw(st.sampled_from([1, 0, -1, 2**63 - 1]))
    elif draw(st.integers(0, 3)) == 0:
        spec.version_label = draw(st.sampled_from(["stable", "", "\0"]))
    name = draw(st.sampled_from([*_SIGNATURES, "none"]))
    spec.signature_name = name
    for alias, dtype in _SIGNATURES.get(name, {}).items():
        first = draw(_SIZES)
        sizes = [first, SIDE, SIDE, 1] if alias == "faces" else [first]
        good = tensors(dtype.as_datatype_enum, sizes)
        request.inputs[alias].CopyFrom(draw(good | good | tensors()))
    if draw(st.integers(0, 9)) == 0:
        request.inputs["more"].CopyFrom(draw(tensors()))
    request.output_filter.extend(
        draw(st.lists(st.sampled_from(["probabilities", "sum", "upper", "", "none"]), max_size=2))
    )
    return request


@pytest.fixture(scope="module", params=["batching", "no batching"])
def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ServerCore:
    base = tmp_path_factory.mktemp("tiny")
    write_version(base, 1)
    manager = ModelManager[Bundle](
        lambda _name, _version, folder: Bundle(folder, intra_op_threads=1, inter_op_threads=1)
    )
    manager.configure([ModelSettings(name="tiny", base_path=Path(base), labels={"stable": 1})])
    parameters = BatchingParameters(max_batch_size=8, allowed_batch_sizes=(4, 8))
    return ServerCore(manager, BatchScheduler(parameters) if request.param == "batching" else None)


@given(tensors())
@_MANY
def test_any_tensor_is_an_array_or_refused(proto: Any) -> None:
    """Of the type and shape that it declares, and never larger than a request may be."""
    with contextlib.suppress(InvalidArgument):
        array = array_from(proto, "x")
        assert list(array.shape) == [dim.size for dim in proto.tensor_shape.dim]
        assert array.dtype == np.dtype(tf.dtypes.as_dtype(proto.dtype).as_numpy_dtype)
        assert math.prod(array.shape) * array.itemsize <= 64 * 1024 * 1024


@given(request=requests())
@_MANY
def test_any_request_is_answered_or_refused(core: ServerCore, request: Any) -> None:
    """With a reason that is the caller's to mend."""
    with contextlib.suppress(InvalidArgument, NotFound, FailedPrecondition):
        core.predict(request, time.monotonic() + 60)
