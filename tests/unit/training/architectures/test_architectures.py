"""Every architecture, forward and backward, in both frameworks."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from mien_training.architectures import ARCHITECTURES, build, find_architecture
from mien_training.errors import ConfigError
from mien_training.releases.weights import load_weights, network_arrays, save_weights
from tests.unit.training.architectures.learning import CLASSES, Logits, learn, logits, smallest

NAMES = [name for name in ARCHITECTURES if name != "tiny"]

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Logits]:
    """The logits of all architectures on PyTorch, with the weights of this process."""
    folder = tmp_path_factory.mktemp("weights")
    for name in NAMES:
        save_weights(folder / f"{name}.safetensors", network_arrays(smallest(name)))
    program = Path(__file__).with_name("learning.py")
    out = folder / "logits.npz"
    command = [sys.executable, str(program), "pytorch", str(folder), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(out) as archive:
        return dict(archive)


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_on_tensorflow(name: str) -> None:
    """One step changes every kernel, scale and place, and breaks nothing."""
    assert list(learn(smallest(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_and_says_the_same_on_pytorch(
    name: str, others: dict[str, Logits], tmp_path: Path
) -> None:
    """The program checked one step; the same weights give the same logits to 1e-4."""
    network = smallest(name)
    path = tmp_path / "w.safetensors"
    save_weights(path, network_arrays(network))
    load_weights(path, network)
    mine = logits(network)
    assert mine.shape == (4, CLASSES)
    assert np.abs(mine).max() > 1e-3
    np.testing.assert_allclose(others[name], mine, atol=1e-4 * max(1, np.abs(mine).max()))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_trainer_relies_on_is_there(name: str) -> None:
    """The named layers exist, the network is flat, and the logits are float32 under bfloat16."""
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        network = smallest(name)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    contract = find_architecture(name)
    names = [layer.name for layer in network.layers]
    assert {*contract.head, contract.last_block, contract.last_map, "features"} <= set(names)
    assert len(network.get_layer(contract.last_map).output.shape) == 4
    assert not any(isinstance(layer, keras.Model) for layer in network.layers)
    assert network.output.dtype == "float32"
    keys = network_arrays(network)
    assert len(keys) == sum(len(layer.weights) for layer in network.layers)


def test_names_do_not_depend_on_what_was_built_before() -> None:
    """Inception's layers are counted anew in each network, so that weights files fit."""
    first, again = smallest("inceptionv3"), smallest("inceptionv3")
    assert list(network_arrays(first)) == list(network_arrays(again))


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        # As published, without the classifier of 1,000 classes.
        ("vgg16", 14.71),
        ("resnet50", 23.59),
        ("mobilenetv2", 2.26),
        ("inceptionv3", 21.80),
        ("efficientnetb0", 4.05),
        ("resnet18", 11.17),
    ],
)
def test_sizes_are_the_published_ones(name: str, millions: float) -> None:
    """The bodies have the parameters that their papers' networks have."""
    network = smallest(name)
    head = {*find_architecture(name).head, "entry"}
    count = sum(layer.count_params() for layer in network.layers if layer.name not in head)
    assert count / 1e6 == pytest.approx(millions, abs=0.012)


@pytest.mark.parametrize(
    ("name", "shape", "reason"),
    [
        ("inceptionv3", (48, 48, 3), "75 pixels"),
        ("mobilenetv2", (24, 48, 3), "32 pixels"),
        ("vit-tiny", (48, 40, 3), "patches of 16"),
        ("vgg17", (48, 48, 3), "no architecture 'vgg17'"),
    ],
)
def test_what_cannot_be_built_is_explained(
    name: str, shape: tuple[int, int, int], reason: str
) -> None:
    """Faces that are too small, or a name that does not exist, give a sentence."""
    with pytest.raises(ConfigError, match=reason):
        build(name, shape, 7)
