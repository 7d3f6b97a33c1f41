"""Between TensorProto and numpy."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tensorflow.core.framework import tensor_pb2

from mien_tf_serving.embedded.tensors import array_from, fill_proto
from mien_tf_serving.errors import InvalidArgument

NUMBERS = [np.uint8, np.int32, np.int64, np.float16, np.float32, np.float64, np.bool_]


@given(st.sampled_from(NUMBERS).flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes())))
def test_numbers_go_there_and_back_as_they_lie(array: np.ndarray[Any, Any]) -> None:
    """Bit by bit, with type and shape."""
    proto = tensor_pb2.TensorProto()
    fill_proto(proto, array)
    assert proto.tensor_content == array.tobytes()
    back = array_from(proto, "x")
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()


def test_texts_go_value_by_value() -> None:
    """They have no raw form."""
    array = np.array([[b"a", b"\xff"]], dtype=object)
    proto = tensor_pb2.TensorProto()
    fill_proto(proto, array)
    assert list(proto.string_val) == [b"a", b"\xff"]
    assert array_from(proto, "x").tolist() == array.tolist()


def test_an_array_without_elements_keeps_its_shape() -> None:
    """Although there are no bytes to carry."""
    proto = tensor_pb2.TensorProto()
    fill_proto(proto, np.zeros((0, 7), np.float32))
    assert array_from(proto, "x").shape == (0, 7)


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        (tf.uint8, {"int_val": [300, -1, 603987968, 7]}, [44, 255, 0, 7]),
        (tf.int8, {"int_val": [300, -1, 128, 7]}, [44, -1, -128, 7]),
        (tf.uint8, {"int_val": [5, 300]}, [5, 44, 44, 44]),
        (tf.uint8, {"int_val": [1, 2, 3, 4, 5]}, [1, 2, 3, 4]),
        (tf.int64, {"int64_val": [-1]}, [-1, -1, -1, -1]),
        (tf.float32, {"int_val": [7]}, [0, 0, 0, 0]),
        (tf.string, {"string_val": [b"a"]}, [b"a", b"a", b"a", b"a"]),
    ],
)
def test_values_become_what_tensorflow_makes_of_them(
    dtype: Any, values: dict[str, list[Any]], expected: list[Any]
) -> None:
    """Those out of range are narrowed, missing ones are the last one or zero, others ignored."""
    shape = tf.TensorShape([4]).as_proto()
    proto = tensor_pb2.TensorProto(dtype=dtype.as_datatype_enum, tensor_shape=shape, **values)
    array = array_from(proto, "x")
    assert array.dtype == np.dtype(dtype.as_numpy_dtype)
    assert array.tolist() == expected


def spoilt(**changes: Any) -> tensor_pb2.TensorProto:
    """Return a good tensor [2, 2] of bytes with something changed for the worse."""
    proto = tensor_pb2.TensorProto(
        dtype=tf.uint8.as_datatype_enum,
        tensor_shape=tf.TensorShape([2, 2]).as_proto(),
        tensor_content=b"abcd",
    )
    for name, value in changes.items():
        if name == "sizes":
            proto.tensor_shape.CopyFrom(tf.TensorShape(value).as_proto())
        else:
            setattr(proto, name, value)
    return proto


@pytest.mark.parametrize(
    "proto",
    [
        pytest.param(spoilt(tensor_content=b"abc"), id="too few bytes"),
        pytest.param(spoilt(tensor_content=b"abcde"), id="too many bytes"),
        pytest.param(spoilt(dtype=0), id="no type"),
        pytest.param(spoilt(dtype=99), id="unknown type"),
        pytest.param(spoilt(sizes=None), id="unknown rank"),
        pytest.param(spoilt(sizes=[None, 4]), id="unknown size"),
        pytest.param(spoilt(tensor_content=b"", sizes=[2**40, 2]), id="giant"),
        pytest.param(spoilt(dtype=tf.string.as_datatype_enum), id="content that is no strings"),
        pytest.param(spoilt(dtype=tf.uint8.as_datatype_enum + 100), id="reference"),
        pytest.param(spoilt(dtype=tf.resource.as_datatype_enum), id="resource"),
        pytest.param(
            tensor_pb2.TensorProto(
                dtype=tf.string.as_datatype_enum,
                tensor_shape=tf.TensorShape([1_000_000]).as_proto(),
                string_val=[bytes(1000)],
            ),
            id="giant string",
        ),
    ],
)
def test_a_tensor_that_contradicts_itself_is_refused(proto: tensor_pb2.TensorProto) -> None:
    """A small message must not read past its end, nor fill the memory."""
    with pytest.raises(InvalidArgument, match="tensor parsing error: faces"):
        array_from(proto, "faces")
