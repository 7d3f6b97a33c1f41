"""Starting from weights that exist, and choosing what learns."""

from pathlib import Path

import keras
import numpy as np
import pytest

from mien_training.architectures import build, find_architecture
from mien_training.architectures.imagenet import BASES
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


@pytest.mark.parametrize("last", [0, 1])
def test_layers_without_weights_alone_are_refused(last: int) -> None:
    """The last layer of the SqueezeNet is a mean, which has nothing to learn; nor have none."""
    network = build("squeezenet", (16, 16, 1), 4)
    with pytest.raises(ConfigError, match="nothing would learn"):
        choose_trainable(network, find_architecture("squeezenet"), last)


def test_inceptions_last_block_is_its_last_mixed_one() -> None:
    """All nine convolutions after the tenth joint learn, whichever way Keras orders branches."""
    network = build("inceptionv3", (75, 75, 3), 4)
    choose_trainable(network, find_architecture("inceptionv3"), "last-block")
    joint = network.get_layer("mixed9").output
    after = keras.Model(joint, network.get_layer("mixed10").output)
    wanted = {layer.name for layer in after.layers if layer.trainable_weights}
    assert len(wanted) == 18  # each convolution with its normalisation
    assert learning(network) == {*wanted, "classifier"}


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


@pytest.mark.parametrize("name", ["vgg16", "mobilenetv2", "inceptionv3", "efficientnetb0"])
def test_a_file_of_keras_fills_the_body(tmp_path: Path, name: str) -> None:
    """The body gives what the application gives, for pixels as the application wants them."""
    side = 75 if name == "inceptionv3" else 32
    network = build(name, (side, side, 3), 4)
    application = BASES[name].application(
        include_top=False, weights=None, input_shape=(side, side, 3)
    )
    application.save_weights(tmp_path / "notop.weights.h5")
    head = list(find_architecture(name).head)
    assert start_from(network, name, "notop.weights.h5", tmp_path) == head
    pixels = np.random.default_rng(0).integers(0, 256, (2, side, side, 3)).astype(np.float32)
    wanted = pixels / 127.5 - 1
    if name == "vgg16":  # Caffe's: blue first
        wanted = pixels[..., ::-1] - np.array([103.939, 116.779, 123.68])
    if name == "efficientnetb0":
        wanted = (pixels - 255 * np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225]
    body = keras.Model(network.input, network.get_layer("features").input)
    found, right = (np.asarray(given) for given in (body(pixels / 63.75 - 2), application(wanted)))
    assert np.abs(right).max() > 0
    np.testing.assert_allclose(found, right, atol=1e-3 * np.abs(right).max())


@pytest.mark.parametrize(
    ("name", "weights", "error", "reason"),
    [
        ("cnn3", "imagenet", ConfigError, "no ImageNet weights"),
        (
            "mobilenetv2",
            "gone.weights.h5",
            WeightsError,
            r"no weights file .*gone\.weights\.h5; .*FILE",
        ),
        ("cnn3", "gone.safetensors", WeightsError, r"cannot read.*gone\.safetensors"),
    ],
)
def test_weights_that_cannot_be_had_are_explained(
    tmp_path: Path, name: str, weights: str, error: type[Exception], reason: str
) -> None:
    """The sentence names the file and says what to do."""
    with pytest.raises(error, match=reason):
        start_from(build(name, (32, 32, 3), 4), name, weights, tmp_path)


def test_a_file_of_another_network_of_keras_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Keras's own report lists every layer over pages; ours names file and remedy in one line."""
    path = tmp_path / "vgg16.weights.h5"
    keras.applications.VGG16(include_top=False, weights=None).save_weights(path)
    with pytest.raises(
        WeightsError, match=r"vgg16\.weights\.h5 is no mobilenetv2 .*objects.*; give"
    ) as found:
        start_from(build("mobilenetv2", (32, 32, 3), 4), "mobilenetv2", path.name, tmp_path)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 400


def test_a_download_that_fails_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says which file to fetch and where to put it."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing listens there
    # Keras reads KERAS_HOME once at import; a file in the user's own folder would be taken.
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    reason = r"vgg16_weights_\w+notop\.h5.*~/\.keras/models, or use --weights FILE"
    with pytest.raises(WeightsError, match=reason):
        start_from(build("vgg16", (32, 32, 3), 4), "vgg16", "imagenet", REPOSITORY)
