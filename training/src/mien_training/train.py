"""Train a model: ``python -m mien_training.train --config training/configs/NAME.yaml``.

Started again with the same folder, it goes on from the last finished epoch.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from mien_training.backend import FRAMEWORKS, select_framework
from mien_training.console import finish, say, stop_on_sigterm
from mien_training.datasets import find_dataset
from mien_training.paths import DATA, MODELS, REPOSITORY, RUNS
from mien_training.runs.peers import Peers, joined
from mien_training.runs.recipe import Recipe, load_recipe


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework(options.framework)
    stop_on_sigterm()
    return finish(lambda: _work(options), interrupted="stopped; the same line goes on from there")


def _work(options: argparse.Namespace) -> str:
    from mien_training.runs.devices import all_devices  # noqa: PLC0415 - the framework comes first

    changes = [*options.set]
    changes += [f"{name}={value}" for name in ("weights", "seed") if (value := vars(options)[name])]
    recipe = load_recipe(options.config, changes)
    folder = options.run or RUNS / recipe.name
    with joined(options.framework) as peers, all_devices(options.framework) as devices:
        where = devices if peers.count == 1 else f"{peers.count} processes, each on its device"
        if peers.leads:
            say(f"{recipe.name}: {options.framework} on {where}, into {folder}")
        return _train(recipe, folder, options, peers)


def _train(recipe: Recipe, folder: Path, options: argparse.Namespace, peers: Peers) -> str:
    # The framework was chosen above; these import it.
    from mien_training.augmentation.balancing import balance_by_augmentation  # noqa: PLC0415
    from mien_training.runs.loop import BEST, build_network, prepare, train  # noqa: PLC0415
    from mien_training.runs.reporting import epoch_reporter  # noqa: PLC0415
    from mien_training.runs.transfer import start_from  # noqa: PLC0415

    parts = find_dataset(recipe.dataset).read(options.data)
    if recipe.balance == "augment":
        parts = replace(parts, training=balance_by_augmentation(parts.training, recipe.seed))
    if recipe.distillation:
        from mien_training.releases.sidecar import newest_version  # noqa: PLC0415
        from mien_training.runs.distilling import with_teachers  # noqa: PLC0415

        teachers = [newest_version(options.models, name) for name in recipe.distillation.teachers]
        parts = with_teachers(parts, recipe.distillation, teachers)
    network = build_network(recipe, len(parts.labels))
    left = start_from(network, recipe.architecture, recipe.weights, REPOSITORY)
    if left and peers.leads:
        say(f"weights from {recipe.weights}; new: {', '.join(left)}")
    run = prepare(folder, recipe, parts, network, peers)
    if not peers.leads:
        train(run, lambda _: None)
        return f"process {peers.rank} has done its part"
    with epoch_reporter(folder, recipe.epochs, say) as report:
        best = train(run, report)
    return f"best validation accuracy {best:.4f}, weights in {folder / BEST}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.train", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="recipe, a YAML file")
    parser.add_argument("--framework", choices=FRAMEWORKS, default="tensorflow")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data set")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the teachers")
    parser.add_argument(
        "--run", type=Path, help="folder of checkpoints; default training/runs/<name>"
    )
    parser.add_argument(
        "--weights", help="none, imagenet or a weights file, instead of the recipe's"
    )
    parser.add_argument("--seed", help="another seed than the recipe's")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="another value of any field of the recipe, e.g. --set architecture=vgg8",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
