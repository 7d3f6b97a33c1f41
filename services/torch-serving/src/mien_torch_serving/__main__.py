"""`python -m mien_torch_serving`: become TorchServe, with the registry's models."""

import os
import sys

from mien_models import RegistryError, load_registry
from mien_torch_serving import server
from mien_torch_serving.archive.contents import served_here
from mien_torch_serving.cli import read_settings
from mien_torch_serving.errors import TorchServingError


def main(arguments: list[str] | None = None) -> int:
    """Replace this process by TorchServe; returns 1 when that is impossible."""
    settings = read_settings("mien_torch_serving", __doc__ or "", arguments)
    try:
        served = served_here(load_registry(settings.registry), settings.model_names)
        temporary = server.prepare(settings, served)
        server.lock(temporary)
        launch = server.command(settings, os.environ, temporary)
    except (TorchServingError, RegistryError) as error:
        sys.stderr.write(f"mien-torch-serving: {error}\n")
    else:
        os.chdir(launch.directory)
        # So that the supervised process is TorchServe itself.
        os.execve(launch.argv[0], launch.argv, launch.environment)  # noqa: S606 - our own command
    return 1


if __name__ == "__main__":
    sys.exit(main())
