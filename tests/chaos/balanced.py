"""Load on several gateways, as a load balancer would spread it."""

import asyncio
from dataclasses import dataclass, field

import httpx

from tests.chaos.gateways import OwnGateway
from tests.chaos.load import Load

LOOK_SECONDS = 0.2


@dataclass
class BalancedLoad(Load):
    """Goes to the gateways that say that they are ready, in turn, as a load balancer would."""

    ready: list[str] = field(default_factory=list)
    _turn: int = 0

    def next_address(self) -> str:
        """The next one of those that were ready at the last look."""
        self._turn += 1
        return self.ready[self._turn % len(self.ready)]

    async def watch(self, gateways: list[OwnGateway]) -> None:
        """Look at each gateway's readiness again and again."""
        async with httpx.AsyncClient(timeout=1) as client:
            while True:
                found = [one.address for one in gateways if await _is_ready(client, one.address)]
                self.ready = found or self.ready
                await asyncio.sleep(LOOK_SECONDS)


async def _is_ready(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(f"{address}/readyz")).is_success
    except httpx.HTTPError:
        return False
