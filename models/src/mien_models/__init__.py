"""The one list of Mien's models, and its reader."""

from mien_models.registry import (
    Framework,
    InputShape,
    Model,
    Registry,
    RegistryError,
    ServedModel,
    load_registry,
)

__all__ = [
    "Framework",
    "InputShape",
    "Model",
    "Registry",
    "RegistryError",
    "ServedModel",
    "load_registry",
]
