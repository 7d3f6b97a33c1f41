"""The warm-up requests that a SavedModel carries.

A server replays them before it calls a version available, so that nobody's first request pays
for what TensorFlow prepares on first use.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from mien_models import InputShape
from mien_tf_serving.embedded.warmup import REQUESTS_FILE

# Every size prepares its own kernels; what real calls send most.
BATCH_SIZES = (1, 2, 4, 8, 16)
SIGNATURE = "serving_default"
INPUT = "faces"
_SEED = 0


def write_requests(directory: Path, served_name: str, shape: InputShape) -> None:
    """Write one request of each batch size into the SavedModel at ``directory``."""
    path = directory / REQUESTS_FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for request in _requests(served_name, shape):
            log = prediction_log_pb2.PredictionLog()
            log.predict_log.request.CopyFrom(request)
            writer.write(log.SerializeToString(deterministic=True))


def _requests(served_name: str, shape: InputShape) -> Iterator[Any]:
    random = np.random.default_rng(_SEED)
    for size in BATCH_SIZES:
        faces = random.integers(
            0, 256, (size, shape.height, shape.width, shape.channels), dtype=np.uint8
        )
        request = predict_pb2.PredictRequest()
        request.model_spec.name = served_name
        request.model_spec.signature_name = SIGNATURE
        tensor = request.inputs[INPUT]
        tensor.dtype = tf.uint8.as_datatype_enum
        for dimension in faces.shape:
            tensor.tensor_shape.dim.add(size=dimension)
        tensor.tensor_content = faces.tobytes()
        yield request
