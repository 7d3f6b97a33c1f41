"""Load on several gateways, as a load balancer would spread it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from tests.chaos.load import Load

LOOK_SECONDS = 0.2


class Gateway(Protocol):
    """Anything that has an address; it may change when a gateway is started again."""

    @property
    def address(self) -> str:
        """Where REST is."""
        ...


@dataclass
class BalancedLoad(Load):
    """Goes to the gateways that say that they are ready, in turn, as a load balancer would."""

    ready: list[str] = field(default_factory=list)
    _turn: int = 0

    def next_address(self) -> str:
        """The next one of those that were ready at the last look."""
        self._turn += 1
        return self.ready[self._turn % len(self.ready)]

    async def watch(self, gateways: Sequence[Gateway]) -> None:
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
