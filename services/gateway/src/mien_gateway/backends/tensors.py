"""Between the gateway's words and the tensors of TensorFlow's contract."""

from collections.abc import Sequence

from mien.third_party import tfserving_pb2 as pb

from mien_gateway.backends.base import read_floats
from mien_gateway.errors import BadModelAnswerError
from mien_models.registry import InputShape


def faces_tensor(faces: Sequence[bytes], shape: InputShape) -> pb.TensorProto:
    """Return uint8 [N, height, width, channels]."""
    sizes = (len(faces), shape.height, shape.width, shape.channels)
    return _tensor(pb.DT_UINT8, sizes, b"".join(faces))


def classes_tensor(classes: Sequence[int]) -> pb.TensorProto:
    """Return int64 [N]."""
    raw = b"".join(one.to_bytes(8, "little", signed=True) for one in classes)
    return _tensor(pb.DT_INT64, (len(classes),), raw)


def floats_of(tensor: pb.TensorProto, shape: tuple[int, ...], server: str) -> Sequence[float]:
    """Return the values of a float32 tensor, row by row, in whichever form they came.

    Raises BadModelAnswerError where it has another type or shape.
    """
    found = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.dtype != pb.DT_FLOAT or found != shape:
        reason = f"a tensor of type {tensor.dtype} and shape {list(found)}"
        raise BadModelAnswerError(server, reason)
    number = 1
    for size in shape:
        number *= size
    if tensor.tensor_content or not tensor.float_val:
        return read_floats(tensor.tensor_content, number, server)
    if len(tensor.float_val) != number:
        reason = f"{len(tensor.float_val)} values in a tensor of shape {list(found)}"
        raise BadModelAnswerError(server, reason)
    return tensor.float_val


def _tensor(dtype: pb.DataType.ValueType, sizes: Sequence[int], content: bytes) -> pb.TensorProto:
    dims = [pb.TensorShapeProto.Dim(size=size) for size in sizes]
    return pb.TensorProto(
        dtype=dtype, tensor_shape=pb.TensorShapeProto(dim=dims), tensor_content=content
    )
