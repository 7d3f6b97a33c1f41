"""Grad-CAM inside the exported graphs, against the maps of the Keras model."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from mien_training.architectures import ARCHITECTURES, build, find_architecture
from mien_training.errors import ExportError
from mien_training.export import explaining
from mien_training.export.checking import drawn_faces
from mien_training.export.explaining import OWN, check_explained, expected_maps
from mien_training.export.folding import fold, folded_name
from mien_training.export.savedmodel import explain_savedmodel, export_savedmodel, run_savedmodel
from mien_training.export.tensorflow_explained import explainer
from mien_training.export.torch_explained import Explained
from mien_training.export.torch_graph import torch_head, torch_module
from mien_training.export.torchscript import (
    explain_torchscript,
    export_torchscript,
    load_torchscript,
    run_torchscript,
)
from mien_training.graphs import serving_halves
from mien_training.paths import MODELS
from mien_training.releases.released import load_released
from mien_training.releases.sidecar import newest_version
from tests.unit.training.architectures.learning import CLASSES, smallest

pytestmark = pytest.mark.timeout(240)

NAMES = [name for name in ARCHITECTURES if name != "tiny"]
# These shrink their smallest faces to a map of one place, which would prove nothing.
SIDES = {"inceptionv3": 107, "vgg16": 48, "resnet50": 64, "mobilenetv2": 64, "efficientnetb0": 64}


def mapped(name: str) -> keras.Model:
    """An architecture for faces large enough to have a map of several places."""
    network = smallest(name)
    if name not in SIDES:
        return network
    larger = build(name, (SIDES[name], SIDES[name], 3), CLASSES)
    larger.set_weights(network.get_weights())
    return larger


@pytest.mark.parametrize("name", NAMES)
def test_every_architecture_explains_itself_in_both_frameworks(name: str) -> None:
    """Folded, cut in two and differentiated in the graph, it has the Keras model's maps."""
    network, layer = mapped(name), find_architecture(name).last_map
    halves = serving_halves(fold(network), 1.5, folded_name(network, layer))
    explained = Explained(torch_module(halves[0]), torch_head(halves[1])).eval()
    faces = drawn_faces(4, network.input_shape[1:])
    asked = np.array([OWN, 0, 1, 2])
    right = expected_maps(network, layer, faces, asked)
    assert right.std() > 0.05
    with torch.no_grad():
        said, heat = explained.explain(torch.from_numpy(faces), torch.from_numpy(asked))
        assert torch.equal(said, explained(torch.from_numpy(faces)))
    given = tf.function(explainer(*halves))(tf.constant(faces), tf.constant(asked))
    np.testing.assert_allclose(heat.numpy(), right, atol=1e-4)
    np.testing.assert_allclose(given["heat"], right, atol=1e-4)
    np.testing.assert_allclose(given["probabilities"], said.numpy(), atol=1e-5)


@pytest.mark.parametrize("name", ["fer2013-squeezenet", "ferplus-squeezenet"])
def test_the_twins_of_a_released_model_explain_alike(name: str, tmp_path: Path) -> None:
    """Their maps differ by less than 1e-3, their probabilities are those of the other way in."""
    folder = newest_version(MODELS, name)
    script, saved = tmp_path / "model.pt", tmp_path / "saved"
    export_torchscript(folder, script)
    export_savedmodel(folder, saved)
    sidecar, _ = load_released(folder)
    faces = drawn_faces(20, sidecar.input_shape)
    asked = np.arange(20) % (len(sidecar.labels) + 1) - 1
    mine, other = explain_torchscript(script, faces, asked), explain_savedmodel(saved, faces, asked)
    assert mine[1].shape == (20, 48, 48)
    assert mine[1].std() > 0.1
    assert np.abs(mine[1] - other[1]).max() < 1e-3
    np.testing.assert_allclose(mine[0], run_torchscript(script, faces), atol=1e-6)
    np.testing.assert_allclose(other[0], run_savedmodel(saved, faces), atol=1e-6)


def test_the_file_explains_whether_or_not_gradients_are_wanted(
    model_dir: Path, tmp_path: Path
) -> None:
    """Under `no_grad` and without, one face after another; the caller's mode stays as it was."""
    script = tmp_path / "model.pt"
    export_torchscript(model_dir, script)
    module = load_torchscript(script)
    faces, own = torch.from_numpy(drawn_faces(3, (48, 48, 1))), torch.tensor([OWN])
    with torch.no_grad():
        first = [module.explain(faces[n : n + 1], own)[1] for n in range(3)]
        assert not torch.is_grad_enabled()
    probabilities, second = module.explain(faces, own.expand(3))
    assert torch.is_grad_enabled()
    assert not probabilities.requires_grad
    assert not second.requires_grad
    torch.testing.assert_close(torch.cat(first), second)


def test_a_class_that_does_not_exist_has_a_cold_map(model_dir: Path, tmp_path: Path) -> None:
    """It spoils no other face of its batch, in neither framework."""
    export_torchscript(model_dir, tmp_path / "model.pt")
    export_savedmodel(model_dir, tmp_path / "saved")
    faces = drawn_faces(2, (48, 48, 1))
    asked, known = np.array([0, 7]), np.array([0, 0])
    for explain, path in ((explain_torchscript, "model.pt"), (explain_savedmodel, "saved")):
        _, heat = explain(tmp_path / path, faces, asked)
        _, other = explain(tmp_path / path, faces, known)
        assert not heat[1].any()
        np.testing.assert_allclose(heat[0], other[0], atol=1e-6)


def test_the_signature_is_the_contract(model_dir: Path, tmp_path: Path) -> None:
    """TensorFlow Serving's callers rely on names, types and open batch sizes."""
    export_savedmodel(model_dir, tmp_path / "1")
    signature = tf.saved_model.load(str(tmp_path / "1")).signatures["gradcam"]
    taken, given = signature.structured_input_signature[1], signature.structured_outputs
    found = {name: (spec.shape.as_list(), spec.dtype) for name, spec in {**taken, **given}.items()}
    assert found == {
        "faces": ([None, 48, 48, 1], tf.uint8),
        "classes": ([None], tf.int64),
        "probabilities": ([None, 7], tf.float32),
        "heat": ([None, 48, 48], tf.float32),
    }


def test_maps_that_differ_are_not_put_in_place(
    model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right probabilities are not enough: the old file stays as it was."""
    script = tmp_path / "model.pt"
    script.write_bytes(b"the old one")
    monkeypatch.setattr(explaining, "TOLERANCE", -1.0)
    with pytest.raises(ExportError, match="maps differ from the model's"):
        export_torchscript(model_dir, script)
    with pytest.raises(ExportError, match="maps differ from the model's"):
        export_savedmodel(model_dir, tmp_path / "saved")
    assert script.read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pt", "models"]


def test_maps_of_another_size_are_refused(network: keras.Model) -> None:
    """A map that nobody enlarged is no map of the face."""
    small = np.zeros((1, 6, 6), np.float32)
    with pytest.raises(ExportError, match=r"maps \(1, 6, 6\) where the model gives \(1, 48, 48\)"):
        check_explained(network, "features", lambda *_: (small[0], small))


def test_a_folded_normalisation_is_found_in_its_convolution(network: keras.Model) -> None:
    """The convolution that swallowed it gives its output; every other layer keeps its name."""
    assert folded_name(network, "stem_norm") == "stem"
    assert folded_name(network, "features") == "features"
    halves = serving_halves(fold(network), 1.0, folded_name(network, "stem_norm"))
    faces = drawn_faces(2, (48, 48, 1))
    heat = explainer(*halves)(tf.constant(faces), tf.constant([0, 1], tf.int64))["heat"]
    right = expected_maps(network, "stem_norm", faces, np.array([0, 1]))
    np.testing.assert_allclose(heat, right, atol=1e-4)
