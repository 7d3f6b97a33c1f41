"""Trains with whoever else torchrun starts, and writes the first one's losses into the folder.

`two_processes.py FOLDER EPOCHS`: the first process dies after so many epochs.
"""

import json
import sys
from pathlib import Path
from typing import Any

from mien_training.backend import select_framework

select_framework("pytorch")

from mien_training.runs.loop import build_network, prepare, train  # noqa: E402
from mien_training.runs.peers import joined  # noqa: E402
from mien_training.runs.recipe import Phase  # noqa: E402
from tests.unit.training.plain_run import CLASSES, plain_parts, plain_recipe  # noqa: E402


def main(folder: Path, epochs: int) -> None:
    """Train the plain network, clipped and averaged as real recipes do it."""
    recipe = plain_recipe(
        phases=(Phase(epochs=3, learning_rate=0.05, schedule="constant"),), clip_norm=0.2, ema=0.9
    )
    seen: list[tuple[float, float]] = []

    def report(meta: dict[str, Any]) -> None:
        seen.append((meta["loss"], meta["validation_loss"]))
        (folder / f"losses-{meta['epoch']}.json").write_text(json.dumps(seen[-1]))
        if len(seen) == epochs:
            sys.exit("as if it were evicted")

    with joined("pytorch") as peers:
        network = build_network(recipe, CLASSES)
        train(prepare(folder, recipe, plain_parts(), network, peers), report)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
