"""Register a released model: ``python -m mien_training.register --model-dir DIR``."""

import argparse
import sys
from pathlib import Path

from mien_training.console import finish
from mien_training.paths import MODELS
from mien_training.releases.registering import register


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="mien_training.register", description=__doc__)
    parser.add_argument("--model-dir", type=Path, required=True, help="models/<name>/<version>")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of registry.yaml")
    options = parser.parse_args(arguments)
    return finish(lambda: register(options.models, options.model_dir))


if __name__ == "__main__":
    sys.exit(main())
