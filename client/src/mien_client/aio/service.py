"""What is asked of the service itself, for asyncio."""

from mien_client import operations as ops
from mien_client import types
from mien_client.aio.asking import Asking


class ServiceCalls(Asking):
    """Models, status, notice."""

    async def models(self) -> list[types.Model]:
        """Return every model that can be asked for, the default first."""
        return await self._ask(ops.ListModels())

    async def model(self, name: str) -> types.Model:
        """Return one model."""
        return await self._ask(ops.FindModel(name))

    async def card(self, name: str) -> str:
        """Return a model's card: data, licence, figures per class, limits; Markdown."""
        return await self._ask(ops.ReadCard(name))

    async def status(self) -> types.Status:
        """Return whether pictures can be analysed now, and how each part of Mien is."""
        return await self._ask(ops.AskStatus())

    async def notice(self, language: str = "en") -> types.Notice:
        """Return what people whose faces are looked at must be told, in `en` or `de`."""
        return await self._ask(ops.ReadNotice(language))
