"""The customised SqueezeNet."""

import keras
import numpy as np
import pytest

from mien_training.architectures import build
from mien_training.errors import ConfigError


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """The network for FER2013; no test changes it."""
    return build("squeezenet", (48, 48, 1), 7)


def test_it_has_eleven_fire_modules(network: keras.Model) -> None:
    """Three more than the original's eight."""
    assert sum(layer.name.endswith("_concat") for layer in network.layers) == 11


def test_it_stays_below_a_million_parameters(network: keras.Model) -> None:
    """Float16 weights of this many parameters take 2 MB, well under the limit of 5."""
    assert network.count_params() < 1_000_000


def test_each_squeeze_is_normalised(network: keras.Model) -> None:
    """Batch normalisation follows every squeeze convolution, which then needs no bias."""
    squeezes = [layer for layer in network.layers if layer.name.endswith("_squeeze")]
    assert len(squeezes) == 11
    for squeeze in squeezes:
        assert not squeeze.use_bias
        norm = network.get_layer(squeeze.name.replace("_squeeze", "_norm"))
        assert isinstance(norm, keras.layers.BatchNormalization)


def test_a_bypass_stands_wherever_shapes_match(network: keras.Model) -> None:
    """A fire module adds its input to its output exactly if both have the same shape."""
    bypassed = {
        layer.name.removesuffix("_bypass")
        for layer in network.layers
        if isinstance(layer, keras.layers.Add)
    }
    matching = {
        layer.name.removesuffix("_concat")
        for layer in network.layers
        if layer.name.endswith("_concat")
        and layer.output.shape
        == network.get_layer(layer.name.replace("_concat", "_squeeze")).input.shape
    }
    assert bypassed == matching
    assert len(bypassed) == 7


def test_it_takes_faces_of_other_shapes() -> None:
    """Size, colour and classes are arguments, and the output is one logit a class."""
    network = build("squeezenet", (64, 40, 3), 8)
    assert network(np.zeros((2, 64, 40, 3), np.float32)).shape == (2, 8)


def test_an_unknown_architecture_is_named() -> None:
    """A wrong name is answered with those that exist."""
    with pytest.raises(ConfigError, match=r"'alexnet'.*squeezenet"):
        build("alexnet", (48, 48, 1), 7)
