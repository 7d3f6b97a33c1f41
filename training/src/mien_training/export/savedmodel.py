"""SavedModel of a released model, for TensorFlow Serving."""

import shutil
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mien_training.export.checking import Floats, check_against
from mien_training.export.folding import fold
from mien_training.graphs import serving_model
from mien_training.releases.released import load_released


def export_savedmodel(model_dir: Path, out_dir: Path) -> float:
    """Write the SavedModel of the model in ``model_dir`` and return its largest difference.

    Signature ``serving_default``: ``faces`` uint8 [N, H, W, C] to ``probabilities`` float32
    [N, classes].

    Raises:
        ExportError: the graph disagrees with the Keras model.
    """
    sidecar, network = load_released(model_dir)
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    temporary = out_dir.with_name(f".{out_dir.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        _save(serving_model(fold(network), sidecar.temperature), temporary)
        wanted = serving_model(network, sidecar.temperature)
        difference = check_against(wanted, lambda faces: run_savedmodel(temporary, faces))
        _put_in_place(temporary, out_dir)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return difference


def run_savedmodel(path: Path, faces: npt.NDArray[np.uint8]) -> Floats:
    """Return the probabilities [N, classes] that the SavedModel at ``path`` gives."""
    loaded = tf.saved_model.load(str(path))
    infer = loaded.signatures["serving_default"]
    parts = np.array_split(faces, -(-len(faces) // 256))
    return np.concatenate(
        [infer(faces=tf.constant(part))["probabilities"].numpy() for part in parts]
    )


def _save(serving: keras.Model, path: Path) -> None:
    signature = [tf.TensorSpec((None, *serving.input_shape[1:]), tf.uint8, name="faces")]

    def infer(faces: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": serving(faces, training=False)}

    archive = keras.export.ExportArchive()
    archive.track(serving)
    archive.add_endpoint("serving_default", infer, input_signature=signature)
    archive.write_out(str(path), verbose=False)


def _put_in_place(new: Path, out_dir: Path) -> None:
    """Replace ``out_dir`` by ``new``; a folder cannot be renamed onto a full one."""
    old = out_dir.with_name(f".{out_dir.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out_dir.exists():
        out_dir.rename(old)
    new.rename(out_dir)
    shutil.rmtree(old, ignore_errors=True)
