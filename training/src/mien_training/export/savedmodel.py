"""SavedModel of a released model, for TensorFlow Serving."""

import shutil
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mien_training.architectures import find_architecture
from mien_training.export.checking import Floats, check_against
from mien_training.export.explaining import Longs, check_explained
from mien_training.export.folding import fold, folded_name
from mien_training.export.tensorflow_explained import explainer
from mien_training.graphs import serving_halves, serving_model
from mien_training.releases.released import load_released


def export_savedmodel(model_dir: Path, out_dir: Path) -> float:
    """Write the SavedModel of the model in ``model_dir`` and return its largest difference.

    Signature ``serving_default``: ``faces`` uint8 [N, H, W, C] to ``probabilities`` float32
    [N, classes]. Signature ``gradcam``: the same and ``classes`` int64 [N] to the same and
    ``heat`` float32 [N, H, W].

    Raises:
        ExportError: the graph disagrees with the Keras model.
    """
    sidecar, network = load_released(model_dir)
    layer = find_architecture(sidecar.architecture).last_map
    folded = fold(network)
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    temporary = out_dir.with_name(f".{out_dir.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        halves = serving_halves(folded, sidecar.temperature, folded_name(network, layer))
        _save(serving_model(folded, sidecar.temperature), halves, temporary)
        wanted = serving_model(network, sidecar.temperature)
        difference = check_against(wanted, lambda faces: run_savedmodel(temporary, faces))
        check_explained(network, layer, lambda *given: explain_savedmodel(temporary, *given))
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


def explain_savedmodel(
    path: Path, faces: npt.NDArray[np.uint8], classes: Longs
) -> tuple[Floats, Floats]:
    """Return the probabilities [N, classes] and the maps [N, H, W] of the SavedModel."""
    loaded = tf.saved_model.load(str(path))
    given = loaded.signatures["gradcam"](faces=tf.constant(faces), classes=tf.constant(classes))
    return given["probabilities"].numpy(), given["heat"].numpy()


def _save(serving: keras.Model, halves: tuple[keras.Model, keras.Model], path: Path) -> None:
    faces_spec = tf.TensorSpec((None, *serving.input_shape[1:]), tf.uint8, name="faces")
    classes_spec = tf.TensorSpec((None,), tf.int64, name="classes")

    def infer(faces: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": serving(faces, training=False)}

    archive = keras.export.ExportArchive()
    for model in (serving, *halves):
        archive.track(model)
    archive.add_endpoint("serving_default", infer, input_signature=[faces_spec])
    signature = [faces_spec, classes_spec]
    archive.add_endpoint("gradcam", explainer(*halves), input_signature=signature)
    archive.write_out(str(path), verbose=False)


def _put_in_place(new: Path, out_dir: Path) -> None:
    """Replace ``out_dir`` by ``new``; a folder cannot be renamed onto a full one."""
    old = out_dir.with_name(f".{out_dir.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out_dir.exists():
        out_dir.rename(old)
    new.rename(out_dir)
    shutil.rmtree(old, ignore_errors=True)
