"""JSON of the REST API, where the two servers need not agree to the letter."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mien_tf_serving.embedded.bundle import TensorInfo
from mien_tf_serving.embedded.rest_json import Format, document_from, parse_request, tensors_from
from mien_tf_serving.errors import InvalidArgument


def read(value: Any, dtype: Any) -> list[Any]:
    inputs = {"x": TensorInfo("x", dtype, None)}
    format_, tensors = tensors_from({"inputs": value}, inputs)
    assert format_ is Format.COLUMN
    values: list[Any] = tensors["x"].tolist()
    return values


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ([1, 2.5], tf.float32),
        ([True, False], tf.bool),
        ([[0, 255], [1, 2]], tf.uint8),
        ([-(2**63), 2**63 - 1], tf.int64),
        (7, tf.int32),
    ],
)
def test_values_of_every_kind_are_read(value: Any, dtype: Any) -> None:
    """Whole numbers may stand for broken ones, not the other way round."""
    assert read(value, dtype) == value


def test_numbers_beyond_all_bounds_are_read_and_written() -> None:
    """NaN and Infinity are no JSON, but TensorFlow Serving's."""
    document = parse_request(b'{"inputs": [NaN, -Infinity]}')
    nan, infinity = read(document["inputs"], tf.float32)
    assert np.isnan(nan)
    assert infinity == -np.inf


@pytest.mark.parametrize(
    ("value", "dtype", "complaint"),
    [
        ([300], tf.uint8, "not of expected type: uint8$"),
        ([10**30], tf.int64, "not of expected type: int64$"),
        ([1.5], tf.uint8, "1.5 Type: Number is not of expected type: uint8"),
        ([True], tf.float32, "Type: Bool is not of expected type: float32"),
        ([None], tf.float32, "null Type: Null"),
        ([1, [2]], tf.int32, "unexpected level"),
        ([[1], 2], tf.int32, "found at incorrect level"),
        ([[1, 2], [3]], tf.int32, "unexpected size: 1"),
        ([{"b64": "?"}], tf.string, "Unable to base64 decode"),
        ([{"b64": "\ud800"}], tf.string, "Unable to base64 decode"),
        (["\ud800"], tf.string, "no valid Unicode"),
        ([{"b65": "YQ=="}], tf.string, "not formatted correctly for base64"),
        ([5], tf.string, "not of expected type: string"),
    ],
)
def test_a_value_that_does_not_fit_is_quoted(value: Any, dtype: Any, complaint: str) -> None:
    """With what was expected instead."""
    with pytest.raises(InvalidArgument, match=complaint):
        read(value, dtype)


def test_a_long_value_is_not_quoted_in_full() -> None:
    """It may be somebody's picture."""
    with pytest.raises(InvalidArgument) as caught:
        read(["x" * 1000], tf.uint8)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("depth", [40, 900, 100_000])
def test_lists_without_a_bottom_are_refused(depth: int) -> None:
    """They must not exhaust the stack."""
    body = b'{"inputs": ' + b"[" * depth + b"]" * depth + b"}"
    with pytest.raises(InvalidArgument):
        read(parse_request(body)["inputs"], tf.float32)


def test_floats_keep_their_own_digits() -> None:
    """A float32 is not written with the digits of a float64."""
    outputs = {"p": np.array([0.1, 1.0], np.float32)}
    assert document_from(outputs, Format.ROW) == {"predictions": [0.1, 1.0]}


def test_rows_need_outputs_of_one_length() -> None:
    """Otherwise there is no telling which belongs to which."""
    outputs = {"a": np.zeros(2), "b": np.zeros(3)}
    with pytest.raises(InvalidArgument, match="b has inconsistent batch size: 3 expecting: 2"):
        document_from(outputs, Format.ROW)
    assert document_from(outputs, Format.COLUMN) == {"outputs": {"a": [0.0] * 2, "b": [0.0] * 3}}


def test_text_that_is_no_text_is_written_as_base64() -> None:
    """JSON has no other way to carry it."""
    outputs = {"t": np.array([b"\xff", b"a"], dtype=object)}
    assert document_from(outputs, Format.COLUMN) == {"outputs": [{"b64": "/w=="}, "a"]}
