"""Every architecture, exported as it is served."""

from pathlib import Path

import keras
import numpy as np
import pytest
import torch

from mien_training.architectures import ARCHITECTURES
from mien_training.export.folding import fold
from mien_training.export.savedmodel import export_savedmodel
from mien_training.export.torch_graph import torch_module
from mien_training.export.torchscript import export_torchscript
from mien_training.graphs import serving_model
from mien_training.releases.sidecar import write_sidecar
from mien_training.releases.weights import network_arrays, save_weights
from tests.unit.training.architectures.learning import CLASSES, smallest
from tests.unit.training.conftest import drawn_sidecar

pytestmark = pytest.mark.timeout(240)

NAMES = [name for name in ARCHITECTURES if name != "tiny"]


def calm(network: keras.Model) -> float:
    """Return a temperature at which drawn weights do not give certainties."""
    shape = (8, *network.input_shape[1:])
    scaled = np.random.default_rng(0).uniform(-2, 2, shape).astype(np.float32)
    return max(float(np.asarray(network(scaled)).std()), 0.01)


@pytest.mark.parametrize("name", NAMES)
def test_folded_and_as_torch_it_says_the_same(name: str) -> None:
    """No normalisation is left, and the plain torch module equals the Keras graph to 1e-4."""
    network = smallest(name)
    temperature = calm(network)
    folded = fold(network)
    kinds = {type(layer) for layer in folded.layers}
    assert keras.layers.BatchNormalization not in kinds
    shape = (3, *network.input_shape[1:])
    faces = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    right = np.asarray(serving_model(network, temperature)(faces))
    assert right.std() > 0.01
    module = torch_module(serving_model(folded, temperature))
    with torch.inference_mode():
        found = module(torch.from_numpy(faces)).numpy()
    np.testing.assert_allclose(found, right, atol=1e-4)
    np.testing.assert_allclose(
        np.asarray(serving_model(folded, temperature)(faces)), right, atol=1e-4
    )


# Saving traces and compiles each network; one of each kind that others lack is enough.
@pytest.mark.parametrize("name", ["resnet18", "mobilenetv2", "vit-tiny"])
def test_both_files_pass_their_check(name: str, tmp_path: Path) -> None:
    """TorchScript and SavedModel are written, loaded again and compared on 200 faces."""
    network = smallest(name)
    folder = tmp_path / "model"
    folder.mkdir()
    save_weights(folder / "weights.safetensors", network_arrays(network))
    facts = {
        "input_shape": network.input_shape[1:],
        "labels": tuple("abc"[:CLASSES]),
        "temperature": calm(network),
    }
    write_sidecar(folder, drawn_sidecar(name).model_copy(update=facts))
    assert export_torchscript(folder, tmp_path / "model.pt") <= 1e-4
    assert export_savedmodel(folder, tmp_path / "saved") <= 1e-4
