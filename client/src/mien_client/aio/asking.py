"""How a question is put until it is answered, for asyncio."""

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from mien_client.address import read_address
from mien_client.attempts import Attempts, Patience
from mien_client.errors import MienError, UnknownNameError
from mien_client.opening import open_async_transport
from mien_client.operations import Operation
from mien_client.transport import AsyncTransport

T = TypeVar("T")


class Asking:
    """A gateway's address, and how long an answer may take."""

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout: float = 10.0, retries: int = 2
    ) -> None:
        """Take a gateway's address, as `Client` does; nothing is opened yet."""
        self._address = read_address(url)
        self._patience = Patience(seconds=timeout, retries=retries)
        self._opened = open_async_transport(self._address, api_key)
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back; what is asked afterwards raises RuntimeError."""
        self._is_closed = True
        await self._opened.close()

    @property
    def _transport(self) -> AsyncTransport:
        if self._is_closed:
            message = "this AsyncClient is closed: open another one"
            raise RuntimeError(message)
        return self._opened

    async def _ask(self, operation: Operation[T], attempts: Attempts | None = None) -> T:
        attempts = attempts or self._attempts(self._patience.seconds)
        while True:
            try:
                return await self._transport.ask(operation, attempts.seconds_left)
            except TimeoutError as error:
                raise attempts.timeout() from error
            except MienError as error:
                await asyncio.sleep(attempts.pause_after(error))

    async def _delete(self, operation: Operation[None]) -> None:
        """Ask for a deletion: it has worked where its answer was lost and nothing is left."""
        attempts = self._attempts(self._patience.seconds)
        try:
            await self._ask(operation, attempts)
        except UnknownNameError:
            if not attempts.broke_off:
                raise

    def _attempts(self, seconds: float) -> Attempts:
        return Attempts(replace(self._patience, seconds=seconds), self._address.url)
