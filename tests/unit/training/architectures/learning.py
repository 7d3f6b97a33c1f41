"""One step of learning for every architecture, in the framework that is chosen; also a program.

As a program it takes a framework, a folder of weights and a file for the logits, so that the other
framework's answers can be compared with those of the test's own process.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from mien_training.backend import select_framework

if __name__ == "__main__":
    select_framework(sys.argv[1])  # type: ignore[arg-type]  # the test gives one of the two

import keras
import numpy as np
import numpy.typing as npt

from mien_training.architectures import ARCHITECTURES, build
from mien_training.releases.weights import load_weights

# The smallest faces that each can take keep the tests short.
SIDES = {"inceptionv3": 75, "vgg16": 32, "resnet50": 32, "mobilenetv2": 32, "efficientnetb0": 32}
CLASSES = 3
Logits = npt.NDArray[np.float32]


def smallest(name: str) -> keras.Model:
    """Build an architecture for its smallest faces, with drawn weights and statistics."""
    keras.utils.set_random_seed(3)
    side = SIDES.get(name, 32 if name == "vit-tiny" else 16)
    network = build(name, (side, side, ARCHITECTURES[name].input_shape[2]), CLASSES)
    rng = np.random.default_rng(3)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return network


def scaled_faces(network: keras.Model) -> Logits:
    """Draw four faces as the scaling makes them."""
    shape = (4, *network.input_shape[1:])
    return np.random.default_rng(5).uniform(-2, 2, shape).astype(np.float32)


def logits(network: keras.Model) -> Logits:
    """Return what the network says of drawn faces in inference."""
    given: Logits = keras.ops.convert_to_numpy(network(scaled_faces(network), training=False))
    return given


def learn(network: keras.Model) -> Iterator[str]:
    """Do one step and name the weights that it left as they were or broke."""
    before = [np.array(keras.ops.convert_to_numpy(v)) for v in network.trainable_weights]
    network.compile(
        keras.optimizers.SGD(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,  # compiling takes longer than the one step
    )
    loss = network.train_on_batch(scaled_faces(network), np.array([0, 1, 2, 0]))
    if not np.isfinite(loss):
        yield f"loss {loss}"
    for variable, old in zip(network.trainable_weights, before, strict=True):
        new = keras.ops.convert_to_numpy(variable)
        # What is added alike to everything that a normalisation or a softmax follows has no say.
        shifts = variable.path.endswith(("bias", "beta"))
        if not np.isfinite(new).all() or (np.array_equal(new, old) and not shifts):
            yield variable.path


def main(weights: Path, out: Path) -> None:
    """Load each architecture's weights, keep its logits, and let it learn."""
    found: dict[str, Logits] = {}
    for name in ARCHITECTURES:
        network = smallest(name)
        load_weights(weights / f"{name}.safetensors", network)
        found[name] = logits(network)
        wrong = list(learn(network))
        if wrong:
            sys.exit(f"{name}: {wrong}")
    np.savez(out, allow_pickle=False, **found)


if __name__ == "__main__":
    main(Path(sys.argv[2]), Path(sys.argv[3]))
