"""Trains on one device and on two, and prints the losses; a program of its own.

A process can divide its processor into two devices only before TensorFlow begins.
"""

import json
import sys
from pathlib import Path

from mien_training.backend import select_framework

select_framework("tensorflow")

import tensorflow as tf  # noqa: E402

from mien_training.runs.devices import all_devices  # noqa: E402
from mien_training.runs.loop import build_network, prepare, train  # noqa: E402
from tests.unit.training.plain_run import CLASSES, plain_parts, plain_recipe  # noqa: E402


def main(folder: Path) -> None:
    """Train twice and print {devices: losses}."""
    (processor,) = tf.config.list_physical_devices("CPU")
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(processor, two)
    recipe = plain_recipe()
    losses: dict[str, list[float]] = {}
    for kind in ("GPU", "CPU"):  # no cards: first on the processor as one, then on its two halves
        with all_devices("tensorflow", kind) as devices:
            network = build_network(recipe, CLASSES)
            run = prepare(folder / kind, recipe, plain_parts(), network)
            seen: list[float] = []
            train(run, lambda meta: seen.append(meta["loss"]))  # noqa: B023 - called at once
            losses[devices] = seen
    sys.stdout.write(json.dumps(losses))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
