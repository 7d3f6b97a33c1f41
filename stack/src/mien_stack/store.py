"""Builds the model store: archives for TorchServe, SavedModels for TensorFlow Serving."""

import subprocess
import sys

from mien_stack.errors import StoreError
from mien_stack.settings import StackSettings

TIMEOUT_SECONDS = 600
BUILDERS = {"torchserve": "mien_torch_serving.archive", "tensorflow": "mien_tf_serving.store"}


def build(settings: StackSettings) -> None:
    """Run both builders; each says what it makes and skips what is up to date.

    They are processes of their own because a process can hold one Keras backend only.
    """
    for folder, module in BUILDERS.items():
        store = settings.model_store / folder
        command = [
            *(sys.executable, "-m", module),
            *("--registry", str(settings.registry), "--store", str(store)),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own command line
                command, check=False, timeout=TIMEOUT_SECONDS, stderr=subprocess.PIPE, text=True
            )
        except subprocess.TimeoutExpired as error:
            message = f"building {store} took longer than {TIMEOUT_SECONDS} s"
            raise StoreError(message) from error
        if done.returncode != 0:
            # Shown only now: the frameworks write a page of it when all is well.
            message = f"could not build {store}:\n{done.stderr.strip()}"
            raise StoreError(message)
