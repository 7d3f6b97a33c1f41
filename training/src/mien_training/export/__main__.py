"""Export: ``python -m mien_training.export torchscript|savedmodel --model-dir DIR --out PATH``."""

import argparse
import sys
from pathlib import Path

from mien_training.backend import Framework, select_framework
from mien_training.console import finish

_FRAMEWORKS: dict[str, Framework] = {"torchscript": "pytorch", "savedmodel": "tensorflow"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="mien_training.export", description=__doc__)
    parser.add_argument("form", choices=_FRAMEWORKS)
    parser.add_argument("--model-dir", type=Path, required=True, help="models/<name>/<version>")
    parser.add_argument("--out", type=Path, required=True, help="file, or folder for a SavedModel")
    options = parser.parse_args(arguments)
    select_framework(_FRAMEWORKS[options.form])
    return finish(lambda: _export(options.form, options.model_dir, options.out))


def _export(form: str, model_dir: Path, out: Path) -> str:
    # Only one framework is imported, after it was chosen.
    if form == "torchscript":
        from mien_training.export.torchscript import export_torchscript  # noqa: PLC0415

        difference = export_torchscript(model_dir, out)
    else:
        from mien_training.export.savedmodel import export_savedmodel  # noqa: PLC0415

        difference = export_savedmodel(model_dir, out)
    return f"{out}: differs from its Keras model by {difference:.1e} at most"


if __name__ == "__main__":
    sys.exit(main())
