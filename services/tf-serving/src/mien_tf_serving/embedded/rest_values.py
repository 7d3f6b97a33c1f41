"""JSON values to the elements of a tensor, with the checks of the real server."""

import base64
import json
from typing import Any

import numpy as np

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
