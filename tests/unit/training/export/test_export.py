"""Both exports of a model."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from mien_training.backend import select_framework
from mien_training.errors import ConfigError, ExportError
from mien_training.export import checking
from mien_training.export.__main__ import main
from mien_training.export.folding import fold
from mien_training.export.savedmodel import export_savedmodel, run_savedmodel
from mien_training.export.torch_graph import torch_module
from mien_training.export.torchscript import export_torchscript, run_torchscript
from mien_training.graphs import serving_model
from mien_training.releases.released import load_released
from mien_training.releases.sidecar import SIDECAR

pytestmark = pytest.mark.timeout(120)


def drawn(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 48, 48, 1), dtype=np.uint8)


def expected(model_dir: Path, faces: np.ndarray) -> np.ndarray:
    sidecar, network = load_released(model_dir)
    probabilities: np.ndarray = serving_model(network, sidecar.temperature)(faces).numpy()
    return probabilities


def test_both_graphs_say_what_the_model_says_for_any_number_of_faces(
    squeezenet_dir: Path, tmp_path: Path
) -> None:
    """The twins equal the Keras model, and so each other, for 1, 7 and 300 faces."""
    script, saved = tmp_path / "model.pt", tmp_path / "saved" / "1"
    assert export_torchscript(squeezenet_dir, script) <= checking.TOLERANCE
    assert export_savedmodel(squeezenet_dir, saved) <= checking.TOLERANCE
    for count in (1, 7, 300):
        right = expected(squeezenet_dir, drawn(count))
        # Without variety the comparison would prove nothing.
        assert right.std() > 0.01
        assert run_torchscript(script, drawn(count)) == pytest.approx(right, abs=1e-5)
        assert run_savedmodel(saved, drawn(count)) == pytest.approx(right, abs=1e-5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pt", "models", "saved"]


def test_the_saved_signature_is_the_contract(model_dir: Path, tmp_path: Path) -> None:
    """TensorFlow Serving's callers rely on the signature's names, types and open batch size."""
    export_savedmodel(model_dir, tmp_path / "1")
    signature = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    faces = signature.structured_input_signature[1]["faces"]
    assert (faces.shape.as_list(), faces.dtype) == ([None, 48, 48, 1], tf.uint8)
    given = signature.structured_outputs["probabilities"]
    assert (given.shape.as_list(), given.dtype) == ([None, 7], tf.float32)


def test_folding_removes_every_normalisation_and_changes_nothing(squeezenet_dir: Path) -> None:
    """The folded network has no normalisation left and the same logits."""
    _, network = load_released(squeezenet_dir)
    folded = fold(network)
    kinds = {type(layer) for layer in folded.layers}
    assert keras.layers.BatchNormalization not in kinds
    faces = drawn(3).astype(np.float32) / 64
    assert folded(faces).numpy() == pytest.approx(network(faces).numpy(), abs=1e-3)


def test_a_normalisation_that_cannot_be_folded_is_kept() -> None:
    """Where the convolution feeds something else too, the normalisation stays, and is exported."""
    inputs = keras.Input((8, 8, 2), dtype="uint8")
    x = keras.layers.Conv2D(4, 3, padding="same")(keras.layers.Rescaling(0.01)(inputs))
    y = keras.layers.BatchNormalization(name="norm")(x)
    y = keras.layers.GlobalAveragePooling2D()(keras.layers.Add()([x, y]))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="relu")(y))
    norm = model.get_layer("norm")
    norm.set_weights([np.linspace(0.5, 2, 4, dtype=np.float32)] * 4)
    assert norm.name in [layer.name for layer in fold(model).layers]
    faces = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 2), dtype=np.uint8)
    assert run_module(model, faces) == pytest.approx(model(faces).numpy(), abs=1e-4)


def run_module(model: keras.Model, faces: np.ndarray) -> np.ndarray:
    import torch  # noqa: PLC0415 - beside TensorFlow only where both are compared

    with torch.inference_mode():
        found: np.ndarray = torch_module(model)(torch.from_numpy(faces)).numpy()
    return found


def test_a_graph_that_differs_is_not_put_in_place(
    model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the check fails the old file stays as it was and no half-made one is left."""
    script, saved = tmp_path / "model.pt", tmp_path / "saved"
    script.write_bytes(b"the old one")
    # No graph is exact to this.
    monkeypatch.setattr(checking, "TOLERANCE", -1.0)
    with pytest.raises(ExportError, match="differs from its model"):
        export_torchscript(model_dir, script)
    with pytest.raises(ExportError, match="differs from its model"):
        export_savedmodel(model_dir, saved)
    assert script.read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pt", "models"]


def test_a_second_export_replaces_the_first(model_dir: Path, tmp_path: Path) -> None:
    """Exporting again into the same folder works and leaves nothing beside it."""
    for _ in range(2):
        export_savedmodel(model_dir, tmp_path / "out" / "1")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["1"]


def test_keras_on_pytorch_reads_the_same_weights(squeezenet_dir: Path, tmp_path: Path) -> None:
    """The export command runs Keras on PyTorch, and its graph equals Keras on TensorFlow."""
    script = tmp_path / "model.pt"
    command = [sys.executable, "-m", "mien_training.export", "torchscript"]
    options = ["--model-dir", str(squeezenet_dir), "--out", str(script)]
    subprocess.run([*command, *options], check=True, timeout=100)
    right = expected(squeezenet_dir, drawn(5))
    assert run_torchscript(script, drawn(5)) == pytest.approx(right, abs=1e-5)


def test_the_command_names_a_folder_without_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong folder is an error sentence and exit status 1, not a traceback."""
    options = ["--model-dir", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(["savedmodel", *options]) == 1
    assert capsys.readouterr().err.startswith(f"error: cannot use {tmp_path / SIDECAR}")


def test_a_process_has_one_framework() -> None:
    """Asking for the other framework after Keras was imported is an error with the remedy."""
    with pytest.raises(ConfigError, match="start a new process for pytorch"):
        select_framework("pytorch")
