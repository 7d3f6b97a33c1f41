"""Loading, running and warming up a SavedModel."""

from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from mien_tf_serving.embedded.bundle import Bundle, TensorInfo
from mien_tf_serving.embedded.codes import grpc_code
from mien_tf_serving.embedded.warmup import REQUESTS_FILE, warm_up
from mien_tf_serving.errors import (
    FailedPrecondition,
    Failure,
    InvalidArgument,
    ServingError,
    Unsupported,
)
from tests.fakes.saved_models import SIDE, write_broken_version, write_version


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_version(tmp_path_factory.mktemp("model"), 1)


@pytest.fixture(scope="module")
def bundle(directory: Path) -> Bundle:
    return Bundle(directory, intra_op_threads=1, inter_op_threads=1)


def faces(count: int) -> Any:
    return np.zeros((count, SIDE, SIDE, 1), np.uint8)


def test_signatures_come_from_the_saved_model(bundle: Bundle) -> None:
    """With types and shapes; those that only the loader uses are left out."""
    assert set(bundle.signatures) == {"serving_default", "gradcam", "two", "words"}
    info = bundle.signatures["serving_default"].inputs["faces"]
    assert (info.dtype, info.shape) == (tf.uint8, (None, SIDE, SIDE, 1))


@pytest.mark.parametrize(
    ("shape", "accepted"), [((1, 2), True), ((7, 2), True), ((1, 3), False), ((1,), False)]
)
def test_unknown_sizes_accept_anything(shape: tuple[int, ...], *, accepted: bool) -> None:
    """Known ones must be met, and so must the rank."""
    assert TensorInfo("x", tf.uint8, (None, 2)).accepts(shape) is accepted
    assert TensorInfo("x", tf.uint8, None).accepts(shape)


def test_outputs_come_in_the_order_asked_for(bundle: Bundle) -> None:
    """Whatever the order in the model."""
    inputs = [np.array([2], np.float32), np.array([5], np.float32)]
    product, total = bundle.run("two", ("product", "sum"), inputs)
    assert (product.tolist(), total.tolist()) == ([10], [7])


def test_what_tensorflow_refuses_is_the_callers_mistake(bundle: Bundle) -> None:
    """Its own words reach the caller under our error."""
    with pytest.raises(InvalidArgument, match="Incompatible shapes"):
        bundle.run("two", ("sum",), [np.zeros(2, np.float32), np.zeros(3, np.float32)])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (tf.errors.InvalidArgumentError, grpc.StatusCode.INVALID_ARGUMENT),
        (tf.errors.OutOfRangeError, grpc.StatusCode.OUT_OF_RANGE),
        (tf.errors.ResourceExhaustedError, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (tf.errors.UnavailableError, grpc.StatusCode.UNAVAILABLE),
        (tf.errors.InternalError, grpc.StatusCode.INTERNAL),
    ],
)
def test_an_error_of_the_model_keeps_its_code(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, error: Any, code: grpc.StatusCode
) -> None:
    """The real server passes it on as it is."""

    def fail(*_: Any) -> list[Any]:
        raise error(None, None, "no")

    monkeypatch.setattr(bundle, "_make_callable", lambda *_: fail)
    with pytest.raises(ServingError, match="no") as caught:
        bundle.run("two", (), [])
    assert grpc_code(caught.value) is code


@pytest.mark.parametrize("kind", ["cut off", "empty", "absent"])
def test_what_is_no_saved_model_is_refused(tmp_path: Path, kind: str) -> None:
    """With the folder's name."""
    directory = tmp_path / "1"
    if kind == "cut off":
        write_broken_version(tmp_path, 1)
    elif kind == "empty":
        directory.mkdir()
    with pytest.raises(ServingError, match=str(directory)):
        Bundle(directory)


def write_log(directory: Path, *logs: Any) -> None:
    path = directory / REQUESTS_FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for log in logs:
            writer.write(log.SerializeToString())


def log_of(count: int, signature: str = "serving_default") -> Any:
    log = prediction_log_pb2.PredictionLog()
    request = log.predict_log.request
    request.model_spec.signature_name = signature
    request.inputs["faces"].CopyFrom(tf.make_tensor_proto(faces(count)))
    return log


def test_warm_up_replays_every_request(tmp_path: Path, bundle: Bundle) -> None:
    """And says how many there were; none is fine too."""
    assert warm_up(bundle, tmp_path) == 0
    write_log(tmp_path, log_of(1), log_of(4))
    assert warm_up(bundle, tmp_path, iterations=2) == 2


@pytest.mark.parametrize(
    ("log", "error"),
    [
        (log_of(1, signature="none"), FailedPrecondition),
        (prediction_log_pb2.PredictionLog(), Unsupported),
        (prediction_log_pb2.PredictionLog(predict_log={"request": {}}), InvalidArgument),
    ],
)
def test_a_request_that_the_model_cannot_answer_is_an_error(
    tmp_path: Path, bundle: Bundle, log: Any, error: type[ServingError]
) -> None:
    """A model that fails its own warm-up would fail its callers."""
    write_log(tmp_path, log)
    with pytest.raises(error):
        warm_up(bundle, tmp_path)


def test_a_damaged_file_is_an_error(tmp_path: Path, bundle: Bundle) -> None:
    """With the file's name."""
    write_log(tmp_path, log_of(1))
    path = tmp_path / REQUESTS_FILE
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(Failure, match="tf_serving_warmup_requests"):
        warm_up(bundle, tmp_path)
