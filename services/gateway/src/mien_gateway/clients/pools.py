"""Pools of model servers: their file, their models, their clients."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mien_gateway.clients import tensorflow_serving, torchserve
from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.model_server import Backend
from mien_gateway.clients.tensorflow_serving import TensorFlowServing
from mien_gateway.clients.torchserve import TorchServe
from mien_gateway.settings import Settings
from mien_gateway.telemetry.tracing import is_on, outgoing
from mien_models.registry import Framework, Registry, ServedModel, load_registry


def _always(_: ServedModel) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Model servers that calls are spread over, and what they serve."""

    backend: Backend
    framework: Framework
    models: frozenset[str] | None = None
    """Models of the registry, without the framework; None is all of them."""
    weight: float = 100
    """Its share of a model's calls, beside the other pools that serve the model."""
    registry: Registry | None = None
    """Which versions it serves, where they are not those of the gateway's own registry."""
    usable: Callable[[ServedModel], bool] = _always
    """Whether it would be asked for a model now."""

    def serves(self, registry: Registry) -> Iterator[ServedModel]:
        """Every model that it serves while that is the gateway's registry."""
        for served in (self.registry or registry).served():
            if served.framework is self.framework and self._has(served.model.name):
                yield served

    def served(self, model: ServedModel) -> bool:
        """Whether it served a model that a registry listed before."""
        return (
            self.registry is None
            and model.framework is self.framework
            and self._has(model.model.name)
        )

    def _has(self, model: str) -> bool:
        return self.models is None or model in self.models


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


async def open_pools(
    settings: Settings, registry: Registry, closing: AsyncExitStack
) -> tuple[Pool, ...]:
    """Return every pool over a channel of its own, which `closing` will close.

    Raises PoolsError where the file of pools cannot be used, RegistryError where a
    registry that it names cannot.
    """
    specs = read_pools(settings.pools_file) if settings.pools_file else _two_pools(settings)
    return tuple([await _open(spec, settings, registry, closing) for spec in specs])


async def _open(
    spec: PoolSpec, settings: Settings, registry: Registry, closing: AsyncExitStack
) -> Pool:
    own = load_registry(spec.registry) if spec.registry else None
    refuse_strangers(spec, own or registry)
    channel = await closing.enter_async_context(open_channel(spec.target, settings.max_image_bytes))
    backend: TorchServe | TensorFlowServing
    if spec.framework is Framework.PYTORCH:
        rest = await closing.enter_async_context(_open_rest(spec.rest_url))
        backend = TorchServe(channel, rest, spec.name)
    else:
        backend = TensorFlowServing(channel, spec.name)
    return Pool(
        backend=backend,
        framework=spec.framework,
        models=frozenset(spec.models) if spec.models else None,
        weight=spec.weight,
        registry=own,
    )


def _two_pools(settings: Settings) -> tuple[PoolSpec, ...]:
    """One of each framework, at the addresses in the settings."""
    return (
        PoolSpec(
            name=torchserve.SERVER,
            framework=Framework.PYTORCH,
            target=settings.torchserve_target,
            rest_url=settings.torchserve_rest_url,
        ),
        PoolSpec(
            name=tensorflow_serving.SERVER,
            framework=Framework.TENSORFLOW,
            target=settings.tensorflow_target,
        ),
    )


def _open_rest(url: str) -> httpx.AsyncClient:
    async def pass_on(request: httpx.Request) -> None:
        request.headers.update(outgoing())

    return httpx.AsyncClient(
        base_url=url,
        # As with the channels: whatever proxies the environment names.
        trust_env=False,
        event_hooks={"request": [pass_on] if is_on() else []},
    )
