"""`python -m mien_torch_serving.archive`: build the archives that are not up to date."""

import sys

from mien_models import RegistryError, load_registry
from mien_torch_serving.archive.build import build
from mien_torch_serving.cli import read_settings
from mien_torch_serving.errors import TorchServingError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    settings = read_settings("mien_torch_serving.archive", __doc__ or "", arguments)
    try:
        build(load_registry(settings.registry), settings, _say)
    except (TorchServingError, RegistryError) as error:
        sys.stderr.write(f"mien-torch-serving: {error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    print(f"TorchServe: {line}", flush=True)  # noqa: T201 - what the command is for


if __name__ == "__main__":
    sys.exit(main())
