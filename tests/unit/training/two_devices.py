"""Trains on one device and on two, and prints the losses; a program of its own.

A process can divide its processor into two devices only before TensorFlow begins.
"""

import json
import sys
from pathlib import Path

from mien_training.backend import select_framework

select_framework("tensorflow")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from mien_training.architectures import ARCHITECTURES, Architecture  # noqa: E402
from mien_training.datasets.faces import Parts, labelled  # noqa: E402
from mien_training.runs.devices import all_devices  # noqa: E402
from mien_training.runs.loop import build_network, prepare, train  # noqa: E402
from mien_training.runs.recipe import Augmentation, Phase, Recipe  # noqa: E402

RECIPE = Recipe(
    name="drawn-plain",
    expected="the same on any number of devices",
    dataset="fer2013",
    architecture="plain",
    input_shape=(12, 12, 1),
    phases=(Phase(epochs=2, learning_rate=0.01),),
    optimizer="sgd",
    batch_size=8,
    augmentation=Augmentation(shift=0.1, mixup=0.2),
)


def plain(shape: tuple[int, int, int], classes: int) -> keras.Model:
    """A network without normalisation, whose statistics would differ on each device."""
    inputs = keras.Input(shape)
    x = keras.layers.Conv2D(4, 3, activation="relu", name="features")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def main(folder: Path) -> None:
    """Train twice and print {devices: losses}."""
    (processor,) = tf.config.list_physical_devices("CPU")
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(processor, two)
    ARCHITECTURES["plain"] = Architecture(plain, (12, 12, 1), ("head",), "features", "features")
    labels = np.arange(32, dtype=np.uint8) % 4
    noise = np.random.default_rng(0).integers(0, 60, (32, 12, 12, 1))
    faces = labelled((noise + 50 * labels[:, None, None, None]).astype(np.uint8), labels, 4)
    losses: dict[str, list[float]] = {}
    for kind in ("GPU", "CPU"):  # no cards: first on the processor as one, then on its two halves
        with all_devices("tensorflow", kind) as devices:
            network = build_network(RECIPE, 4)
            run = prepare(folder / kind, RECIPE, Parts(tuple("abcd"), faces, faces), network)
            seen: list[float] = []
            train(run, lambda meta: seen.append(meta["loss"]))  # noqa: B023 - called at once
            losses[devices] = seen
    sys.stdout.write(json.dumps(losses))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
