"""Opens the channels to the pools of model servers."""

from contextlib import AsyncExitStack

import httpx

from mien_gateway.backends import tensorflow_serving, torchserve
from mien_gateway.backends.pools import Pool
from mien_gateway.backends.pools_file import PoolSpec, read_pools, refuse_strangers
from mien_gateway.backends.tensorflow_serving import TensorFlowServing
from mien_gateway.backends.torchserve import TorchServe
from mien_gateway.hops import open_channel
from mien_gateway.settings import Settings
from mien_gateway.telemetry.tracing import is_on, outgoing
from mien_models.registry import Framework, Registry, load_registry


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
