"""Who asks: the gateway's client, and the gateway's own clients of the model servers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import httpx

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Way
from mien_bench.compare.served.gateway import GatewayClient
from mien_bench.measuring.load import Ask
from mien_gateway.backends.tensorflow_serving import TensorFlowServing
from mien_gateway.backends.torchserve import TorchServe
from mien_gateway.hops import open_channel
from mien_models.registry import Framework, ServedModel
from mien_stack.settings import StackSettings

_MESSAGE_BYTES = 10_000_000
_TIMEOUT_SECONDS = 30.0

Backend = TorchServe | TensorFlowServing


@dataclass(frozen=True, slots=True)
class Clients:
    """Open connections to everything that answers."""

    gateway: GatewayClient
    backends: Mapping[Framework, Backend]
    served_by: dict[Framework, str] = field(default_factory=dict)
    """What each model server called itself in its last answer."""

    async def probabilities(self, model: ServedModel, message: bytes) -> list[tuple[float, ...]]:
        """Ask a model server; returns those of each face of the message."""
        size = model.model.input.size_bytes
        crops = [message[start : start + size] for start in range(0, len(message), size)]
        backend = self.backends[model.framework]
        # It raises unless every face gets a distribution over the model's labels.
        predictions = await backend.predict(model, crops, _TIMEOUT_SECONDS)
        self.served_by[model.framework] = predictions[0].served_by
        return [one.probabilities for one in predictions]

    def ask(self, way: Way, model: ServedModel) -> Ask:
        """Return what puts one picture, or one message of faces, to a twin."""

        async def gateway(picture: bytes) -> None:
            await self.gateway.analyze(model, picture)

        async def server(message: bytes) -> None:
            await self.probabilities(model, message)

        return gateway if way is Way.GATEWAY else server


@asynccontextmanager
async def opened(settings: StackSettings) -> AsyncIterator[Clients]:
    """Connect as the gateway does: one channel to each server, shared by all who ask."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session,
        open_channel(f"127.0.0.1:{settings.torchserve_port}", _MESSAGE_BYTES) as torchserve,
        open_channel(f"127.0.0.1:{settings.tensorflow_port}", _MESSAGE_BYTES) as tensorflow,
        # Only explanations would go there.
        httpx.AsyncClient(trust_env=False) as rest,
    ):
        backends: dict[Framework, Backend] = {
            PYTORCH: TorchServe(torchserve, rest),
            TENSORFLOW: TensorFlowServing(tensorflow),
        }
        yield Clients(GatewayClient(session, settings.rest_url), backends)
