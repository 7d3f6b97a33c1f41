"""JSON values to the elements of a tensor, with the checks of the real server."""

import base64
import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np

from mien_tf_serving.embedded.bundle import TensorInfo
from mien_tf_serving.errors import InvalidArgument, Unsupported

Array = np.ndarray[Any, Any]

_LONGEST_QUOTE = 64
_DEEPEST_LIST = 32


def dense_shape(value: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, judged by the first element of each.

    Raises:
        InvalidArgument: no tensor is nested as deep.
    """
    shape: list[int] = []
    while isinstance(value, list):
        if len(shape) == _DEEPEST_LIST:
            message = f"Lists are nested deeper than {_DEEPEST_LIST} levels"
            raise InvalidArgument(message)
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def fill(value: Any, shape: tuple[int, ...], dtype: Any, leaves: list[Any], level: int = 0) -> None:
    """Append the elements of ``value`` to ``leaves``, checked against shape and ``dtype``.

    Raises:
        InvalidArgument: lists are ragged, or an element is of another type.
    """
    if not isinstance(value, list):
        if level != len(shape):
            message = (
                f"JSON Value: {_quoted(value)} found at incorrect level: {level + 1} in the JSON "
                f"DOM. Expected at level: {len(shape)}"
            )
            raise InvalidArgument(message)
        leaves.append(_element(value, dtype))
        return
    if level >= len(shape):
        message = f"Encountered list at unexpected level: {level} expected < {len(shape)}"
        raise InvalidArgument(message)
    if len(value) != shape[level]:
        message = (
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
        raise InvalidArgument(message)
    if level + 1 == len(shape) and dtype.is_integer and all(type(item) is int for item in value):
        # The common case, a row of pixels, without a call for each.
        leaves.extend(value)
        return
    for item in value:
        fill(item, shape, dtype, leaves, level + 1)


def is_base64(value: Any) -> bool:
    """Whether it is an object that stands for bytes: `{"b64": "..."}`."""
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def _element(value: Any, dtype: Any) -> Any:
    if dtype.name == "string":
        return _bytes(value)
    if dtype.is_bool:
        fits = isinstance(value, bool)
    elif dtype.is_integer:
        fits = type(value) is int
    elif dtype.is_floating:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        message = f"Conversion of JSON Value: {_quoted(value)} to type: {dtype.name}"
        raise Unsupported(message)
    if not fits:
        raise _type_error(value, dtype)
    return value


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            message = f"JSON Value: {_quoted(value)} is no valid Unicode"
            raise InvalidArgument(message) from error
    if not is_base64(value):
        if isinstance(value, dict):
            message = f"JSON Value: {_quoted(value)} not formatted correctly for base64 data"
            raise InvalidArgument(message)
        message = f"JSON Value: {_quoted(value)} is not of expected type: string"
        raise InvalidArgument(message)
    try:
        return base64.b64decode(value["b64"], validate=True)
    except ValueError as error:
        message = "Unable to base64 decode"
        raise InvalidArgument(message) from error


def _type_error(value: Any, dtype: Any) -> InvalidArgument:
    names = {bool: "Bool", int: "Number", float: "Number", str: "String", dict: "Object"}
    kind = names.get(type(value), "Null")
    return InvalidArgument(
        f"JSON Value: {_quoted(value)} Type: {kind} is not of expected type: {dtype.name}"
    )


def _quoted(value: Any) -> str:
    """Return the value as JSON, shortened: it may be somebody's picture."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


_BYTES_SUFFIX = "_bytes"


class Format(Enum):
    """How the tensors of a request are written, and so those of its answer."""

    ROW = "instances"
    COLUMN = "inputs"


def parse_request(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body``; NaN and Infinity are allowed.

    Raises:
        InvalidArgument: it is no JSON object, or has neither or both of the tensor keys.
    """
    if not body:
        message = "JSON Parse error: The document is empty"
        raise InvalidArgument(message)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = f"JSON Parse error: {error}"
        raise InvalidArgument(message) from error
    if not isinstance(document, dict):
        message = "JSON Value: Is not object"
        raise InvalidArgument(message)
    if not isinstance(document.get("signature_name", ""), str):
        message = "JSON Value: 'signature_name' key must be a string value."
        raise InvalidArgument(message)
    if "instances" in document and "inputs" in document:
        message = (
            "JSON Value: Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist"
        )
        raise InvalidArgument(message)
    if "instances" not in document and "inputs" not in document:
        message = "Missing 'inputs' or 'instances' key"
        raise InvalidArgument(message)
    return document


def tensors_from(
    document: Mapping[str, Any], inputs: Mapping[str, TensorInfo]
) -> tuple[Format, dict[str, Array]]:
    """Return the format of a request and its tensors by input name.

    Raises:
        InvalidArgument: the values do not fit the ``inputs`` of the signature.
    """
    if "instances" in document:
        return Format.ROW, _from_rows(document["instances"], inputs)
    return Format.COLUMN, _from_columns(document["inputs"], inputs)


def document_from(outputs: Mapping[str, Array], format_: Format) -> dict[str, Any]:
    """Return the answer to a request that came in ``format_``.

    Raises:
        InvalidArgument: a row format is wanted, but the outputs differ in their first dimension.
    """
    values = {name: _plain(array, name) for name, array in outputs.items()}
    if format_ is Format.COLUMN:
        return {"outputs": _alone(values)}
    sizes = {name: array.shape[0] if array.ndim else 0 for name, array in outputs.items()}
    rows = next(iter(sizes.values()))
    for name, size in sizes.items():
        if size == 0 or size != rows:
            message = f"Tensor name: {name} has inconsistent batch size: {size} expecting: {rows}"
            raise InvalidArgument(message)
    if len(values) == 1:
        return {"predictions": _alone(values)}
    return {
        "predictions": [{name: value[row] for name, value in values.items()} for row in range(rows)]
    }


def _alone(values: dict[str, Any]) -> Any:
    return next(iter(values.values())) if len(values) == 1 else values


def _from_rows(instances: Any, inputs: Mapping[str, TensorInfo]) -> dict[str, Array]:
    if not isinstance(instances, list):
        message = "JSON Value: Excepting 'instances' to be an list/array"
        raise InvalidArgument(message)
    if not instances:
        message = "JSON Value: No values in 'instances' array"
        raise InvalidArgument(message)
    named = _is_object(instances[0])
    if not named and len(inputs) > 1:
        message = (
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
        raise InvalidArgument(message)
    columns: dict[str, list[Any]] = {name: [] for name in inputs}
    for position, element in enumerate(instances):
        for name, value in _row(element, position, inputs, named=named).items():
            columns[name].append(value)
    return {name: _stack(column, name, inputs[name]) for name, column in columns.items()}


def _row(
    element: Any, position: int, inputs: Mapping[str, TensorInfo], *, named: bool
) -> dict[str, Any]:
    if named != _is_object(element):
        found = "object but got list" if named else "value/list but got object"
        message = f"Expecting {found} at item {position} of input list"
        raise InvalidArgument(message)
    if not named:
        return {next(iter(inputs)): element}
    row: dict[str, Any] = element
    if row.keys() != inputs.keys():
        message = (
            f"Failed to process element: {position} of 'instances' list. JSON object: keys must be "
            f"equal to: {','.join(inputs)}"
        )
        raise InvalidArgument(message)
    return row


def _stack(column: Sequence[Any], name: str, info: TensorInfo) -> Array:
    """Join the instances of one input; they must all be of the first one's shape."""
    shape = dense_shape(column[0])
    leaves: list[Any] = []
    for position, value in enumerate(column):
        try:
            fill(value, shape, info.dtype, leaves)
        except InvalidArgument as error:
            message = (
                f"Failed to process element: {position} key: {name} of 'instances' list. "
                f"Error: INVALID_ARGUMENT: {error}"
            )
            raise InvalidArgument(message) from error
    return _array(leaves, (len(column), *shape), info)


def _from_columns(value: Any, inputs: Mapping[str, TensorInfo]) -> dict[str, Array]:
    if not _is_object(value):
        if len(inputs) > 1:
            message = (
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
            raise InvalidArgument(message)
        return {name: _column(value, info) for name, info in inputs.items()}
    for name in inputs:
        if name not in value:
            message = f"Missing named input: {name} in 'inputs' object."
            raise InvalidArgument(message)
    return {name: _column(value[name], info) for name, info in inputs.items()}


def _column(value: Any, info: TensorInfo) -> Array:
    shape = dense_shape(value)
    leaves: list[Any] = []
    fill(value, shape, info.dtype, leaves)
    return _array(leaves, shape, info)


def _array(leaves: list[Any], shape: tuple[int, ...], info: TensorInfo) -> Array:
    try:
        return np.array(leaves, dtype=info.dtype.as_numpy_dtype).reshape(shape)
    except OverflowError as error:
        message = f"JSON Value: a number is not of expected type: {info.dtype.name}"
        raise InvalidArgument(message) from error


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and not is_base64(value)


def _plain(array: Array, name: str) -> Any:
    """Return nested lists; float32 keeps its own shortest digits, bytes become text."""
    if array.dtype.kind == "f":
        return array.astype(str).astype(np.float64).tolist()
    if array.dtype.kind not in "OSU":
        return array.tolist()
    texts = [_text(value, name) for value in array.ravel().tolist()]
    return np.array(texts, dtype=object).reshape(array.shape).tolist()


def _text(value: Any, name: str) -> Any:
    content = value if isinstance(value, bytes) else str(value).encode()
    try:
        if not name.endswith(_BYTES_SUFFIX):
            return content.decode()
    except UnicodeDecodeError:
        # Not text after all; the only form in which JSON can carry it.
        pass
    return {"b64": base64.b64encode(content).decode("ascii")}
