"""Between TensorProto and numpy."""

import math
from typing import Any

import numpy as np
import tensorflow as tf

from mien_tf_serving.errors import InvalidArgument

Array = np.ndarray[Any, Any]

_LARGEST_BYTES = 64 * 1024 * 1024


def array_from(proto: Any, alias: str) -> Array:
    """Return the array in a TensorProto; raw bytes are used as they lie.

    Raises:
        InvalidArgument: bytes, values and shape contradict each other.
    """
    try:
        if proto.tensor_content:
            return _from_content(proto)
        _refuse_giants(proto)
        return np.asarray(tf.make_ndarray(proto))
    except (ValueError, TypeError, KeyError) as error:
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


def _refuse_giants(proto: Any) -> None:
    """One value may stand for a whole tensor, so a small message could fill the memory."""
    dtype = np.dtype(tf.dtypes.as_dtype(proto.dtype).as_numpy_dtype)
    sizes = [dim.size for dim in proto.tensor_shape.dim]
    if math.prod(sizes) * dtype.itemsize > _LARGEST_BYTES:
        message = "the shape is larger than any request may be"
        raise ValueError(message)


def _from_content(proto: Any) -> Array:
    dtype = tf.dtypes.as_dtype(proto.dtype).as_numpy_dtype
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if proto.tensor_shape.unknown_rank or len(proto.tensor_content) != math.prod(shape) * (
        np.dtype(dtype).itemsize
    ):
        message = "content does not fill the shape"
        raise ValueError(message)
    return np.frombuffer(proto.tensor_content, dtype).reshape(shape)
