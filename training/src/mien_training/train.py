"""Train a model: ``python -m mien_training.train --config training/configs/NAME.yaml``.

Started again with the same folder, it goes on from the last finished epoch.
"""

import argparse
import sys
from pathlib import Path

from mien_training.backend import FRAMEWORKS, select_framework
from mien_training.console import finish, say
from mien_training.data import load_fer2013
from mien_training.paths import DATA, RUNS
from mien_training.recipe import load_recipe


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework(options.framework)
    from mien_training.loop import BEST, prepare, train  # noqa: PLC0415 - the framework comes first

    def work() -> str:
        recipe = load_recipe(options.config)
        folder = options.run or RUNS / recipe.name
        run = prepare(folder, recipe, *load_fer2013(options.data))
        best = train(run, lambda meta: say(str(meta)))
        return f"best PublicTest accuracy {best:.4f}, weights in {folder / BEST}"

    return finish(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.train", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="recipe, a YAML file")
    parser.add_argument("--framework", choices=FRAMEWORKS, default="tensorflow")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the FER2013 sheets")
    parser.add_argument(
        "--run", type=Path, help="folder of checkpoints; default training/runs/<name>"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
