"""Starting from weights that exist, and choosing which layers go on learning."""

import warnings
from pathlib import Path

import keras
import numpy as np

from mien_training.architectures import Architecture, find_architecture
from mien_training.architectures.architecture import Shape
from mien_training.architectures.imagenet import BASES
from mien_training.errors import ConfigError, WeightsError
from mien_training.releases.weights import named_weights, read_arrays

# The least share of a network's weights that a file must have to be one of its kind.
_LEAST_SHARE = 0.5


def choose_trainable(network: keras.Model, architecture: Architecture, what: str | int) -> None:
    """Let ``what`` learn: "all", "head", "last-block" or the last N layers; the rest is frozen.

    Frozen normalisation uses its own statistics, not the batch's, as Keras has it.

    Raises:
        ConfigError: nothing that has weights would be left to learn.
    """
    names = [layer.name for layer in network.layers]
    if what == "all":
        chosen = set(names)
    elif what == "head":
        chosen = set(architecture.head)
    elif what == "last-block":
        chosen = set(names[names.index(architecture.last_block) :])
    else:
        chosen = set(names[max(0, len(names) - int(what)) :])
    for layer in network.layers:
        layer.trainable = layer.name in chosen and layer.name != "entry"
    if not network.trainable_weights:
        message = f"of {network.name} nothing would learn with train: {what}; choose more layers"
        raise ConfigError(message)


def start_from(network: keras.Model, architecture: str, weights: str, root: Path) -> list[str]:
    """Load ``weights`` into ``network`` and return the names of layers that stay as they were.

    Args:
        network: built by ``architecture``.
        architecture: name in the registry.
        weights: "none", "imagenet", or a file: our own safetensors, or an ``.h5`` of
            keras.applications without its top.
        root: folder that a relative path is below.

    Raises:
        ConfigError: the architecture has no ImageNet weights.
        WeightsError: the file is missing, damaged or made for another architecture.
    """
    if weights == "none":
        return []
    if weights == "imagenet" or weights.endswith(".h5"):
        source = weights if weights == "imagenet" else str(root / weights)
        return _from_application(network, architecture, source)
    return _from_ours(network, root / weights)


def _from_ours(network: keras.Model, path: Path) -> list[str]:
    arrays = read_arrays(path)
    named = named_weights(network)
    fitting = {
        key: variable
        for key, variable in named
        if key in arrays and arrays[key].shape == tuple(variable.shape)
    }
    if len(fitting) < _LEAST_SHARE * len(named):
        message = (
            f"{path} is of another architecture than {network.name}: only {len(fitting)} of "
            f"{len(named)} weights fit; give a file of the same"
        )
        raise WeightsError(message)
    for key, variable in fitting.items():
        variable.assign(arrays[key].astype(np.float32))
    left = [key.partition("/")[0] for key, _ in named if key not in fitting]
    return list(dict.fromkeys(left))


def _from_application(network: keras.Model, name: str, source: str) -> list[str]:
    """Copy the layers of keras.applications in their order; it knows what is in its own files."""
    if not find_architecture(name).imagenet:
        message = f"{name} has no ImageNet weights; use weights: none or a file"
        raise ConfigError(message)
    given = _application(name, source, (*network.input_shape[1:3], 3))
    own = _body_layers(network)
    theirs = [layer for layer in given.layers if _has_weights(layer)]
    for mine, their in zip(own, theirs, strict=True):
        mine.set_weights(their.get_weights())
    copied = {layer.name for layer in own}
    return [
        layer.name
        for layer in network.layers
        if _has_weights(layer) and layer.name not in copied and layer.name != "entry"
    ]


def _application(name: str, source: str, shape: Shape) -> keras.Model:
    """Return the network of keras.applications with the weights of ``source``."""
    if source != "imagenet" and not Path(source).is_file():
        message = f"there is no weights file {source}; use --weights FILE, imagenet or none"
        raise WeightsError(message)
    try:
        with warnings.catch_warnings():
            # Said of every layer of a wrong file, which is then refused.
            warnings.filterwarnings("ignore", "Skipping nested container")
            return BASES[name].application(include_top=False, weights=source, input_shape=shape)
    except Exception as exc:
        # Keras raises a bare Exception for a failed download and several others for a wrong file,
        # whose text goes on for pages.
        reason = str(exc).partition("\n")[0].rstrip(" :.")
        message = (
            f"cannot download the ImageNet weights of {name} ({reason}); put that file into "
            "~/.keras/models, or use --weights FILE or none"
            if source == "imagenet"
            else f"{source} is no {name} of Keras without its top ({reason}); give the file of "
            "this architecture"
        )
        raise WeightsError(message) from exc


def _body_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """Return what lies between our entry and our head and has weights."""
    names = [layer.name for layer in network.layers]
    body = network.layers[names.index("entry") + 1 : names.index("features")]
    return [layer for layer in body if _has_weights(layer)]


def _has_weights(layer: keras.layers.Layer) -> bool:
    # The entry stands for EfficientNet's normalisation, which therefore stays the identity.
    return bool(layer.weights) and not isinstance(layer, keras.layers.Normalization)
