"""Make a model folder from a run: ``python -m mien_training.release --run training/runs/NAME``.

Takes the best epoch's weights, fits the temperature and registers the model.
"""

import argparse
import sys
from pathlib import Path

from mien_training.backend import FRAMEWORKS, select_framework
from mien_training.console import finish
from mien_training.data import hash_data, load_fer2013
from mien_training.paths import DATA, MODELS
from mien_training.registering import register


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework(options.framework)
    from mien_training.releasing import release  # noqa: PLC0415 - the framework comes first

    def work() -> str:
        _, public = load_fer2013(options.data)
        folder = release(options.run, options.models, public, hash_data(options.data))
        register(options.models, folder)
        return f"released {folder}; measure it with mien_training.evaluate, once per framework"

    return finish(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.release", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--framework", choices=FRAMEWORKS, default="tensorflow")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the FER2013 sheets")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of registry.yaml")
    return parser


if __name__ == "__main__":
    sys.exit(main())
