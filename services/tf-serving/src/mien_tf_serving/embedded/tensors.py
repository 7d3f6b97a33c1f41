"""Between TensorProto and numpy."""

import math
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2

from mien_tf_serving.errors import InvalidArgument

Array = np.ndarray[Any, Any]

_LARGEST_BYTES = 64 * 1024 * 1024
_STRING_BYTES = 24
"""What TensorFlow takes for a string beside its bytes."""
_RAW_TYPES = {
    dtype.as_datatype_enum: np.dtype(dtype.as_numpy_dtype)
    for dtype in map(tf.dtypes.as_dtype, set(types_pb2.DataType.values()) - {types_pb2.DT_INVALID})
    if dtype.is_numpy_compatible and dtype == dtype.base_dtype and dtype != tf.string
}
"""Types whose values lie in a message as they do in an array; looked up for speed."""


def array_from(proto: Any, alias: str) -> Array:
    """Return the array in a TensorProto; raw bytes are used as they lie.

    Raises:
        InvalidArgument: bytes, values and shape contradict each other.
    """
    try:
        content = proto.tensor_content
        if content and proto.dtype in _RAW_TYPES:
            return _from_content(proto, content)
        return _from_values(proto)
    except (ValueError, TypeError, tf.errors.OpError) as error:
        message = f"tensor parsing error: {alias}"
        raise InvalidArgument(message) from error


def fill_proto(proto: Any, array: Array) -> None:
    """Write an array into a TensorProto, as raw bytes wherever its type has some.

    The real server writes typed values; clients must read both, and bytes are ten times
    faster on both sides.
    """
    if array.dtype.kind in "OSU":
        proto.CopyFrom(tf.make_tensor_proto(array, dtype=tf.string, shape=array.shape))
        return
    proto.dtype = tf.dtypes.as_dtype(array.dtype).as_datatype_enum
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_content = array.tobytes()


def _from_values(proto: Any) -> Array:
    """Have TensorFlow parse it, as the real server does: it narrows and repeats values."""
    dtype = tf.dtypes.as_dtype(proto.dtype)
    if not dtype.is_numpy_compatible:
        message = f"{dtype.name} has no array"
        raise TypeError(message)
    _refuse_giants(proto, dtype)
    with tf.device("CPU:0"):
        parsed = tf.io.parse_tensor(proto.SerializeToString(), dtype).numpy()
    return np.asarray(parsed, dtype.as_numpy_dtype)


def _refuse_giants(proto: Any, dtype: Any) -> None:
    """One value may stand for a whole tensor, so a small message could fill the memory."""
    count = math.prod(_sizes(proto))
    size = count * np.dtype(dtype.as_numpy_dtype).itemsize
    if dtype == tf.string:
        repeated = len(proto.string_val[-1]) if proto.string_val else 0
        size = count * _STRING_BYTES + (count - len(proto.string_val)) * repeated
    if size > _LARGEST_BYTES:
        message = "the shape is larger than any request may be"
        raise ValueError(message)


def _from_content(proto: Any, content: bytes) -> Array:
    dtype = _RAW_TYPES[proto.dtype]
    shape = _sizes(proto)
    if proto.tensor_shape.unknown_rank or len(content) != math.prod(shape) * dtype.itemsize:
        message = "content does not fill the shape"
        raise ValueError(message)
    return np.frombuffer(content, dtype).reshape(shape)


def _sizes(proto: Any) -> list[int]:
    return [dim.size for dim in proto.tensor_shape.dim]
