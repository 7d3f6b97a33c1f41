"""Reads models/registry.yaml.

A *model* is one set of weights, such as `fer2013-squeezenet`. It is served under one
name per framework, such as `fer2013-squeezenet-pytorch`; such names are twins.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
    with_config,
)

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class RegistryError(ValueError):
    """The registry, or a file that it names, is not as it must be."""


class Framework(StrEnum):
    """What computes a served model; it selects the model server."""

    PYTORCH = "pytorch"
    TENSORFLOW = "tensorflow"


@with_config(_STRICT)
@dataclass(frozen=True, kw_only=True)
class InputShape:
    """One uint8 face, height x width x channels (1 grey, 3 RGB)."""

    height: PositiveInt
    width: PositiveInt
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


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        message = f"{', '.join(twice)} is listed more than once"
        raise ValueError(message)
    return values


_Text = Annotated[str, Field(min_length=1)]


class _Weights(BaseModel):
    model_config = _STRICT

    path: _Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Entry(BaseModel):
    model_config = _STRICT

    name: _Text
    version: Annotated[int, Field(strict=True, ge=1)]
    dataset: _Text
    architecture: _Text
    input: InputShape
    labels: Annotated[tuple[_Text, ...], Field(min_length=1), AfterValidator(_unique)]
    frameworks: Annotated[tuple[Framework, ...], Field(min_length=1), AfterValidator(_unique)]
    weights: _Weights
    metrics: dict[str, float] = {}
    licence: _Text

    @model_validator(mode="after")
    def _is_named_after_its_parts(self) -> "_Entry":
        if self.name != f"{self.dataset}-{self.architecture}":
            message = f"must be called {self.dataset}-{self.architecture}"
            raise ValueError(message)
        return self


class _Document(BaseModel):
    model_config = _STRICT

    models: Annotated[tuple[_Entry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _lists_each_name_once(self) -> "_Document":
        _unique(tuple(entry.name for entry in self.models))
        return self


def load_registry(path: Path) -> Registry:
    """Read and check the registry; weights paths are relative to its folder.

    Raises RegistryError, in one sentence with the path of the field that is wrong.
    """
    document = None
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = _Document.model_validate(document).models
        return Registry(tuple(_model(entry, path.parent) for entry in entries))
    except FileNotFoundError as error:
        message = f"{path} is missing: it is the list of models, part of the repository"
        raise RegistryError(message) from error
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise RegistryError(message) from error
    except ValidationError as error:
        message = f"{path}: {_sentence(error, document)}"
        raise RegistryError(message) from error
    # Besides its own errors, YAML's reader lets those of numbers, dates and depth through.
    except (yaml.YAMLError, ValueError, RuntimeError) as error:
        message = f"{path} cannot be read: {' '.join(str(error).split())}"
        raise RegistryError(message) from error


def _model(entry: _Entry, folder: Path) -> Model:
    values = {name: getattr(entry, name) for name in _Entry.model_fields if name != "weights"}
    return Model(
        **values,
        weights=(folder / entry.weights.path).resolve(),
        weights_sha256=entry.weights.sha256,
    )


def _sentence(error: ValidationError, document: Any) -> str:
    """Say where the first mistake is, by the model's name instead of its number, and what."""
    first = error.errors(include_url=False)[0]
    place = list(first["loc"])
    if place[1:]:
        entry = document["models"][place[1]]
        name = entry.get("name") if isinstance(entry, dict) else None
        place[1] = name if name and isinstance(name, str) else place[1]
    message = first["msg"].removeprefix("Value error, ").partition(" or instance of ")[0]
    return ": ".join(filter(None, (".".join(map(str, place)), message)))
