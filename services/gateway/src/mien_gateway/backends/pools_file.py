"""Reads the file that lists the pools of model servers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mien_models.registry import Framework, Registry


class PoolsError(ValueError):
    """The file of pools is not as it must be; the message says where and what to do."""


class PoolSpec(BaseModel):
    """One entry of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    """How callers and operators read of it."""
    framework: Framework
    target: Annotated[str, Field(min_length=1)]
    """gRPC target; `dns:///name:port` spreads over all its addresses."""
    rest_url: Annotated[str, Field(pattern="^(https?://.+|)$")] = ""
    """REST address of a pool of TorchServe; explanations exist there alone."""
    models: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Models of the registry, without the framework; all of them where it is left out."""
    weight: Annotated[float, Field(ge=0)] = 100
    """Its share of a model's calls, beside the other pools that serve the model."""
    registry: Path | None = None
    """List of models with the versions that it serves, where they are others."""

    @model_validator(mode="after")
    def _explains(self) -> "PoolSpec":
        if self.framework is Framework.PYTORCH and not self.rest_url:
            message = "a pytorch pool needs a rest_url: TorchServe explains over REST alone"
            raise ValueError(message)
        return self


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pools: Annotated[tuple[PoolSpec, ...], Field(min_length=1)]


def read_pools(path: Path) -> tuple[PoolSpec, ...]:
    """Return the entries, in the file's order; raises PoolsError."""
    try:
        document = _Document.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        message = f"{path}: {error.strerror}; MIEN_GATEWAY_POOLS_FILE names it"
        raise PoolsError(message) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{path} is not YAML: {error}"
        raise PoolsError(message) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = f"{path}: {place}: {first['msg']}"
        raise PoolsError(message) from error
    _refuse_twice(path, [pool.name for pool in document.pools])
    return document.pools


def refuse_strangers(spec: PoolSpec, registry: Registry) -> None:
    """Raise PoolsError where a pool names a model that its registry does not list."""
    known = {model.name for model in registry.models}
    strangers = sorted(set(spec.models or ()) - known)
    if strangers:
        message = (
            f"the pool {spec.name} names {_listed(strangers)}, "
            f"and the registry has {_listed(sorted(known))}"
        )
        raise PoolsError(message)


def _refuse_twice(path: Path, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{path} lists {_listed(twice)} more than once"
        raise PoolsError(message)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
