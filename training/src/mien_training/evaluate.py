"""Measure a model on PublicTest: ``python -m mien_training.evaluate --model NAME --framework F``.

The figures come from the exported graph, are printed and written into the model's sidecar.
"""

import argparse
import sys
from pathlib import Path

from mien_models import load_registry
from mien_training.backend import FRAMEWORKS, select_framework
from mien_training.console import finish
from mien_training.data import load_fer2013
from mien_training.errors import ConfigError
from mien_training.paths import DATA, MODELS, RUNS
from mien_training.releases.card import figures_table, write_card
from mien_training.releases.registering import REGISTRY, register
from mien_training.releases.sidecar import read_sidecar


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework(options.framework)
    from mien_training.evaluation.evaluating import evaluate  # noqa: PLC0415 - the framework comes first

    def work() -> str:
        folder = _folder(options.models, options.model)
        _, public = load_fer2013(options.data)
        evaluate(folder, options.framework, public, options.kept / options.model)
        register(options.models, folder)
        write_card(folder)
        return figures_table(read_sidecar(folder))

    return finish(work)


def _folder(models: Path, name: str) -> Path:
    registry = load_registry(models / REGISTRY)
    found = next((model for model in registry.models if model.name == name), None)
    if found is None:
        names = ", ".join(model.name for model in registry.models)
        message = f"no model {name!r} in the registry; there are: {names}"
        raise ConfigError(message)
    return found.directory


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.evaluate", description=__doc__)
    parser.add_argument("--model", required=True, help="name without the framework")
    parser.add_argument("--framework", choices=FRAMEWORKS, required=True)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the FER2013 sheets")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of registry.yaml")
    parser.add_argument("--kept", type=Path, default=RUNS, help="folder for the probabilities")
    return parser


if __name__ == "__main__":
    sys.exit(main())
