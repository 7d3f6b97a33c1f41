"""Starting from weights that exist, and choosing what learns."""

from pathlib import Path

import keras
import numpy as np
import pytest

from mien_training.architectures import build, find_architecture
from mien_training.errors import ConfigError, WeightsError
from mien_training.paths import REPOSITORY
from mien_training.releases.weights import network_arrays, save_weights
from mien_training.runs.transfer import choose_trainable, start_from


@pytest.fixture(scope="module")
def mobilenet() -> keras.Model:
    """A network with a body from keras.applications; every test sets what learns anew."""
    return build("mobilenetv2", (32, 32, 3), 4)


def learning(network: keras.Model) -> set[str]:
    return {layer.name for layer in network.layers if layer.trainable_weights}


@pytest.mark.parametrize(
    ("what", "first", "others"),
    [
        ("head", "classifier", set()),
        (1, "classifier", set()),
        ("last-block", "block_16_expand", {"classifier", "Conv_1", "block_16_project_BN"}),
    ],
)
def test_what_learns_is_chosen(
    mobilenet: keras.Model, what: str | int, first: str, others: set[str]
) -> None:
    """The head, the last N layers, or the last block with all that follows it."""
    choose_trainable(mobilenet, find_architecture("mobilenetv2"), what)
    learns = learning(mobilenet)
    assert {first, *others} <= learns
    assert "block_15_project" not in learns


def test_all_means_all_but_the_entry(mobilenet: keras.Model) -> None:
    """The fixed translation of pixels never learns."""
    choose_trainable(mobilenet, find_architecture("mobilenetv2"), "all")
    with_weights = {layer.name for layer in mobilenet.layers if layer.weights}
    assert learning(mobilenet) == with_weights - {"entry"}


def test_layers_without_weights_alone_are_refused() -> None:
    """The last layer of the SqueezeNet is a mean, which has nothing to learn."""
    network = build("squeezenet", (16, 16, 1), 4)
    with pytest.raises(ConfigError, match="nothing would learn"):
        choose_trainable(network, find_architecture("squeezenet"), 1)


def test_weights_of_another_number_of_classes_fit_but_for_the_classifier(tmp_path: Path) -> None:
    """All layers but the classifier begin with the file's weights."""
    seven, four = (build("cnn3", (16, 16, 1), classes) for classes in (7, 4))
    save_weights(tmp_path / "seven.safetensors", network_arrays(seven))
    assert start_from(four, "cnn3", "seven.safetensors", tmp_path) == ["classifier"]
    mine, theirs = (np.asarray(net.get_layer("dense").kernel) for net in (four, seven))
    np.testing.assert_allclose(mine, theirs, atol=1e-3)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    """The error names the file and the network."""
    save_weights(tmp_path / "w.safetensors", network_arrays(build("cnn3", (16, 16, 1), 7)))
    with pytest.raises(WeightsError, match=r"w\.safetensors is of another architecture than squ"):
        start_from(build("squeezenet", (16, 16, 1), 7), "squeezenet", "w.safetensors", tmp_path)


def test_none_leaves_the_network_alone() -> None:
    """Nothing is loaded, and nothing is missing."""
    network = build("cnn3", (16, 16, 1), 7)
    before = np.array(network.get_layer("dense").kernel)
    assert start_from(network, "cnn3", "none", REPOSITORY) == []
    assert np.array_equal(before, np.asarray(network.get_layer("dense").kernel))


@pytest.mark.parametrize("name", ["mobilenetv2", "inceptionv3", "efficientnetb0"])
def test_a_file_of_keras_fills_the_body(tmp_path: Path, name: str) -> None:
    """The body gives what the application gives, for pixels as the application wants them."""
    side = 75 if name == "inceptionv3" else 32
    network = build(name, (side, side, 3), 4)
    application = {
        "mobilenetv2": keras.applications.MobileNetV2,
        "inceptionv3": keras.applications.InceptionV3,
        "efficientnetb0": keras.applications.EfficientNetB0,
    }[name](include_top=False, weights=None, input_shape=(side, side, 3))
    application.save_weights(tmp_path / "notop.weights.h5")
    assert start_from(network, name, "notop.weights.h5", tmp_path) == ["classifier"]
    pixels = np.random.default_rng(0).integers(0, 256, (2, side, side, 3)).astype(np.float32)
    wanted = pixels / 127.5 - 1
    if name == "efficientnetb0":
        wanted = (pixels - 255 * np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225]
    body = keras.Model(network.input, network.get_layer(find_architecture(name).last_map).output)
    found, right = (np.asarray(given) for given in (body(pixels / 63.75 - 2), application(wanted)))
    assert np.abs(right).max() > 0
    np.testing.assert_allclose(found, right, atol=1e-3 * np.abs(right).max())


@pytest.mark.parametrize(
    ("name", "weights", "error", "reason"),
    [
        ("cnn3", "imagenet", ConfigError, "no ImageNet weights"),
        ("mobilenetv2", "gone.weights.h5", WeightsError, r"gone\.weights\.h5.*--weights FILE"),
        ("cnn3", "gone.safetensors", WeightsError, r"cannot read.*gone\.safetensors"),
    ],
)
def test_weights_that_cannot_be_had_are_explained(
    tmp_path: Path, name: str, weights: str, error: type[Exception], reason: str
) -> None:
    """The sentence names the file and says what to do."""
    with pytest.raises(error, match=reason):
        start_from(build(name, (32, 32, 3), 4), name, weights, tmp_path)
