"""Choosing the framework that Keras runs on, which must happen before Keras is imported."""

import os
import sys
from typing import Literal, get_args

from mien_training.errors import ConfigError

Framework = Literal["pytorch", "tensorflow"]
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)

_KERAS_NAMES: dict[Framework, str] = {"pytorch": "torch", "tensorflow": "tensorflow"}


def select_framework(framework: Framework) -> None:
    """Make Keras use ``framework``; only programs call this, never library code.

    Raises:
        ConfigError: Keras is already imported with the other framework.
    """
    name = _KERAS_NAMES[framework]
    imported = sys.modules.get("keras")
    if imported is not None and imported.backend.backend() != name:
        running = imported.backend.backend()
        message = f"Keras already runs on {running}; start a new process for {framework}"
        raise ConfigError(message)
    os.environ["KERAS_BACKEND"] = name
    # TensorFlow's start-up notices hide the progress bar; warnings and errors stay.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # PyTorch's threads spin while they wait, which on a busy machine makes it several times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
