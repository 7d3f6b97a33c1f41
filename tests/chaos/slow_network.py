"""A TCP proxy that makes a network bad: slow, narrow, or silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 16 * 1024


@dataclass
class Network:
    """How it behaves now; a test may change it while connections are open."""

    delay_seconds: float = 0.0
    bytes_per_second: float = float("inf")
    through: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is not set connections stay open and nothing goes through, as behind a firewall
    that drops."""
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.through.set()

    @asynccontextmanager
    async def before(self, port: int) -> AsyncIterator[int]:
        """Stand before a local port; yields the proxy's own."""

        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                writer.close()
                return
            self._writers |= {writer, there[1]}
            await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

        server = await asyncio.start_server(connect, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in self._writers:
                writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self.through.wait()
                await asyncio.sleep(self.delay_seconds + len(piece) / self.bytes_per_second)
                writer.write(piece)
                await writer.drain()
        writer.close()
