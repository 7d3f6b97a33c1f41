"""Make a model folder from a run: ``python -m mien_training.release --run training/runs/NAME``.

Takes the best epoch's weights, fits the temperature, and writes the sidecar and, for a new model,
its card. The model is registered once both twins are measured with mien_training.evaluate.
"""

import argparse
import sys
from pathlib import Path

from mien_training.backend import FRAMEWORKS, select_framework
from mien_training.console import finish
from mien_training.datasets import find_dataset, hash_files
from mien_training.paths import DATA, MODELS


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework(options.framework)
    from mien_training.releases.releasing import (  # noqa: PLC0415 - the framework comes first
        release,
        run_recipe,
    )

    def work() -> str:
        reader = find_dataset(run_recipe(options.run)["dataset"])
        parts, digest = reader.read(options.data), hash_files(reader.files(options.data))
        folder = release(options.run, options.models, parts, digest)
        return f"released {folder}; measure it with mien_training.evaluate, once per framework"

    return finish(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.release", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--framework", choices=FRAMEWORKS, default="tensorflow")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data set")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of registry.yaml")
    return parser


if __name__ == "__main__":
    sys.exit(main())
