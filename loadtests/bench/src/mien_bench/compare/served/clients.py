"""Who asks: the gateway's client, and the gateway's own clients of the model servers."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import httpx

from mien_bench.compare.faces import faces
from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Way
from mien_bench.compare.served.gateway import GatewayClient
from mien_bench.errors import BenchError
from mien_bench.measuring.load import Ask
from mien_bench.measuring.pictures import fresh
from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.tensorflow_serving import TensorFlowServing
from mien_gateway.clients.torchserve import TorchServe
from mien_gateway.errors import GatewayError
from mien_models.registry import Framework, ServedModel
from mien_stack.settings import StackSettings

_MESSAGE_BYTES = 10_000_000
_TIMEOUT_SECONDS = 30.0
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.1

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

    async def wait_for(self, models: Sequence[ServedModel]) -> None:
        """Return when every model answers, straight and through the gateway.

        TorchServe says that it is healthy before it is, and a busy machine may miss a deadline.

        Raises:
            BenchError: one does not answer for a minute.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for model in models:
            face = faces(1, model.model.input, seed=0).tobytes()
            for way, asked in ((Way.SERVER, face), (Way.GATEWAY, next(fresh("one-face")))):
                ask = self.ask(way, model)
                while reason := await refusal(ask, asked):
                    if time.monotonic() > deadline:
                        message = f"{model.name} does not answer: {reason}"
                        raise BenchError(message)
                    await asyncio.sleep(_POLL_SECONDS)

    def ask(self, way: Way, model: ServedModel) -> Ask:
        """Return what puts one picture, or one message of faces, to a twin."""

        async def gateway(picture: bytes) -> None:
            await self.gateway.analyze(model, picture)

        async def server(message: bytes) -> None:
            await self.probabilities(model, message)

        return gateway if way is Way.GATEWAY else server


async def refusal(ask: Ask, asked: bytes) -> str:
    """Ask once; return why there was no right answer, or nothing."""
    try:
        await ask(asked)
    except (GatewayError, BenchError, aiohttp.ClientError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


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
