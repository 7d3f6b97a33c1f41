"""Replays the requests that a SavedModel carries, before anybody else's reach it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2

from mien_tf_serving.embedded.bundle import Bundle
from mien_tf_serving.embedded.core import DEFAULT_SIGNATURE, checked_inputs, checked_outputs
from mien_tf_serving.errors import FailedPrecondition, Failure, InvalidArgument, Unsupported

REQUESTS_FILE = Path("assets.extra", "tf_serving_warmup_requests")
_MOST_RECORDS = 1000


def warm_up(bundle: Bundle, directory: Path, *, iterations: int = 1) -> int:
    """Replay the file's requests, each ``iterations`` times; return how many it holds.

    Raises:
        ServingError: the file is damaged, or the model cannot answer one of them; it would
            not answer its callers either.
    """
    path = directory / REQUESTS_FILE
    if not path.is_file():
        return 0
    count = 0
    for request in _requests(path):
        count += 1
        if count > _MOST_RECORDS:
            message = f"Number of warmup records exceeds the maximum ({_MOST_RECORDS}) at {path}"
            raise InvalidArgument(message)
        for _ in range(iterations):
            _replay(bundle, request)
    return count


def _requests(path: Path) -> Iterator[Any]:
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            log = prediction_log_pb2.PredictionLog.FromString(record)
            kind = log.WhichOneof("log_type")
            if kind != "predict_log":
                message = f"Unsupported log_type for warmup: {kind}"
                raise Unsupported(message)
            yield log.predict_log.request
    except (tf.errors.DataLossError, DecodeError) as error:
        message = f"{error}. Please verify your warmup data is in TFRecord format: {path}"
        raise Failure(message) from error


def _replay(bundle: Bundle, request: Any) -> None:
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    if name not in bundle.signatures:
        message = f'Serving signature key "{name}" not found.'
        raise FailedPrecondition(message)
    signature = bundle.signatures[name]
    inputs = checked_inputs(signature, request.inputs)
    bundle.run(name, checked_outputs(signature, request.output_filter), inputs)
