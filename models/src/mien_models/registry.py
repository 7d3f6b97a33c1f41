"""Reads models/registry.yaml.

A *model* is one set of weights, such as `fer2013-squeezenet`. It is served under one
name per framework, such as `fer2013-squeezenet-pytorch`; such names are twins.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml


class RegistryError(ValueError):
    """The registry, or a file that it names, is not as it must be."""


class Framework(StrEnum):
    """What computes a served model; it selects the model server."""

    PYTORCH = "pytorch"
    TENSORFLOW = "tensorflow"


@dataclass(frozen=True, kw_only=True)
class InputShape:
    """One uint8 face, height x width x channels (1 grey, 3 RGB)."""

    height: int
    width: int
    channels: int

    @property
    def size_bytes(self) -> int:
        """Bytes of one face."""
        return self.height * self.width * self.channels


@dataclass(frozen=True, kw_only=True)
class Model:
    """One set of weights with everything that serving it needs to know."""

    name: str
    version: int
    dataset: str
    architecture: str
    input: InputShape
    labels: tuple[str, ...]
    frameworks: tuple[Framework, ...]
    weights: Path
    """Absolute path of the weights file; the sidecar `model.json` lies beside it."""
    weights_sha256: str
    metrics: dict[str, float]
    licence: str

    @property
    def directory(self) -> Path:
        """The folder of this version: weights and sidecar."""
        return self.weights.parent

    def served(self) -> tuple["ServedModel", ...]:
        """The twins of this model."""
        return tuple(ServedModel(model=self, framework=framework) for framework in self.frameworks)

    def verify_weights(self) -> None:
        """Raise RegistryError unless the weights file is there and has the registered hash."""
        if not self.weights.is_file():
            message = f"{self.name}: its weights file {self.weights} is missing"
            raise RegistryError(message)
        found = hashlib.sha256(self.weights.read_bytes()).hexdigest()
        if found != self.weights_sha256:
            message = (
                f"{self.name}: {self.weights} has SHA-256 {found}, the registry says "
                f"{self.weights_sha256}: restore the file, or register it again"
            )
            raise RegistryError(message)


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """A model under the name that callers use for one framework."""

    model: Model
    framework: Framework

    @property
    def name(self) -> str:
        """`<dataset>-<architecture>-<framework>`."""
        return f"{self.model.name}-{self.framework}"


@dataclass(frozen=True)
class Registry:
    """Every model, in the order of the file; the first served one is the default."""

    models: tuple[Model, ...]

    def served(self) -> tuple[ServedModel, ...]:
        """Every name that can be asked for."""
        return tuple(served for model in self.models for served in model.served())

    def find(self, served_name: str) -> ServedModel | None:
        """The served model of that name, or None."""
        return next((served for served in self.served() if served.name == served_name), None)


def load_registry(path: Path) -> Registry:
    """Read and check the registry; weights paths are relative to its folder.

    Raises RegistryError with the model and the field that is wrong.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path} is missing: it is the list of models, part of the repository"
        raise RegistryError(message) from error
    except yaml.YAMLError as error:
        message = f"{path} is not YAML: {error}"
        raise RegistryError(message) from error
    entries = document.get("models") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        message = f"{path} must hold a list `models` with at least one model"
        raise RegistryError(message)
    if not all(isinstance(entry, dict) for entry in entries):
        message = f"{path}: every model must be a mapping of its fields"
        raise RegistryError(message)
    models = tuple(_model(entry, path) for entry in entries)
    _refuse_duplicates(models, path)
    return Registry(models)


def _model(entry: dict[str, Any], path: Path) -> Model:
    name = entry.get("name", "a model without a name")
    try:
        model = Model(
            name=entry["name"],
            version=int(entry["version"]),
            dataset=entry["dataset"],
            architecture=entry["architecture"],
            input=InputShape(**entry["input"]),
            labels=tuple(entry["labels"]),
            frameworks=tuple(Framework(value) for value in entry["frameworks"]),
            weights=(path.parent / entry["weights"]["path"]).resolve(),
            weights_sha256=entry["weights"]["sha256"],
            metrics={key: float(value) for key, value in entry.get("metrics", {}).items()},
            licence=entry["licence"],
        )
    except KeyError as error:
        message = f"{path}: {name} lacks the field {error}"
        raise RegistryError(message) from error
    except (TypeError, ValueError) as error:
        message = f"{path}: {name}: {error}"
        raise RegistryError(message) from error
    if model.name != f"{model.dataset}-{model.architecture}":
        message = f"{path}: {name} must be called {model.dataset}-{model.architecture}"
        raise RegistryError(message)
    return model


def _refuse_duplicates(models: tuple[Model, ...], path: Path) -> None:
    names = [model.name for model in models]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{path} lists {', '.join(twice)} more than once"
        raise RegistryError(message)
