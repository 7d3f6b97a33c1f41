"""The warm-up requests that a SavedModel carries.

A server replays them before it calls a version available, so that nobody's first request pays
for what TensorFlow prepares on first use.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from mien_models import InputShape
from mien_tf_serving.embedded.warmup import REQUESTS_FILE

Array = np.ndarray[Any, Any]

# Every size prepares its own kernels; what real calls send most.
BATCH_SIZES = (1, 2, 4, 8, 16)
SIGNATURE = "serving_default"
EXPLAINING = "gradcam"
INPUT = "faces"
CLASSES = "classes"
_SEED = 0


def write_requests(directory: Path, served_name: str, shape: InputShape) -> None:
    """Write a request of each batch size, and one to explain, into the SavedModel."""
    path = directory / REQUESTS_FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for request in _requests(served_name, shape):
            log = prediction_log_pb2.PredictionLog()
            log.predict_log.request.CopyFrom(request)
            writer.write(log.SerializeToString(deterministic=True))


def _requests(served_name: str, shape: InputShape) -> Iterator[Any]:
    random = np.random.default_rng(_SEED)
    size = (shape.height, shape.width, shape.channels)
    for count in BATCH_SIZES:
        faces = random.integers(0, 256, (count, *size), dtype=np.uint8)
        yield _request(served_name, SIGNATURE, {INPUT: faces})
    # Few ask for explanations: one face pays for what is prepared once, not once a size.
    face = random.integers(0, 256, (1, *size), dtype=np.uint8)
    own = np.array([-1], np.int64)
    yield _request(served_name, EXPLAINING, {INPUT: face, CLASSES: own})


def _request(served_name: str, signature: str, inputs: Mapping[str, Array]) -> Any:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = served_name
    request.model_spec.signature_name = signature
    for alias, array in inputs.items():
        request.inputs[alias].CopyFrom(tf.make_tensor_proto(array))
    return request
