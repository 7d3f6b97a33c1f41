"""Where in a face a network found a class."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np

from mien_training.evaluation.gradcam import class_maps, overlay
from mien_training.releases.weights import load_weights, network_arrays, save_weights
from tests.unit.training.architectures.learning import scaled_faces, smallest

_OTHER = """
import sys
from pathlib import Path
from mien_training.backend import select_framework
select_framework("pytorch")
import numpy as np
from mien_training.evaluation.gradcam import class_maps
from mien_training.releases.weights import load_weights
from tests.unit.training.architectures.learning import scaled_faces, smallest
network = smallest("squeezenet")
load_weights(Path(sys.argv[1]), network)
maps = class_maps(network, "fire12_bypass", scaled_faces(network), [0, 1, 2, 0])
np.save(sys.argv[2], maps)
"""


def test_the_map_shows_the_evidence() -> None:
    """A network that looks at brightness finds class 0 on the left and class 1 nowhere."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(1, 1, kernel_initializer="ones", name="bright")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    network = keras.Model(inputs, keras.layers.Dense(2, use_bias=False, name="head")(x))
    network.get_layer("head").set_weights([np.array([[1.0, -1.0]])])
    face = np.zeros((1, 8, 8, 1), np.float32)
    face[:, :, :3] = 1
    (left,) = class_maps(network, "bright", face, [0])
    assert (left[:, :3] == 1).all()
    assert (left[:, 3:] == 0).all()
    (nothing,) = class_maps(network, "bright", face, [1])
    assert (nothing == 0).all()


def test_both_frameworks_show_the_same(tmp_path: Path) -> None:
    """The same weights and faces give the same maps on PyTorch, to 1e-3."""
    network = smallest("squeezenet")
    weights, out = tmp_path / "w.safetensors", tmp_path / "maps.npy"
    save_weights(weights, network_arrays(network))
    load_weights(weights, network)  # the file holds float16
    subprocess.run([sys.executable, "-c", _OTHER, str(weights), str(out)], check=True, timeout=110)
    mine = class_maps(network, "fire12_bypass", scaled_faces(network), [0, 1, 2, 0])
    assert mine.max() == 1
    np.testing.assert_allclose(np.load(out), mine, atol=1e-3)


def test_a_map_is_laid_over_the_face() -> None:
    """The picture is in colour and of the face's size; the face shows through."""
    face = np.zeros((48, 40, 1), np.uint8)
    face[:, 20:] = 200
    picture = overlay(face, np.zeros((6, 5), np.float32))
    assert picture.shape == (48, 40, 3)
    assert (picture[:, 20:].astype(int) - picture[:, :20] == 120).all()
