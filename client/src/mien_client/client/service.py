"""What is asked of the service itself, for threads."""

from mien_client import operations as ops
from mien_client import types
from mien_client.client.asking import Asking


class ServiceCalls(Asking):
    """Models, status, notice."""

    def models(self) -> list[types.Model]:
        """Return every model that can be asked for, the default first."""
        return self._ask(ops.ListModels())

    def model(self, name: str) -> types.Model:
        """Return one model."""
        return self._ask(ops.FindModel(name))

    def card(self, name: str) -> str:
        """Return a model's card: data, licence, figures per class, limits; Markdown."""
        return self._ask(ops.ReadCard(name))

    def status(self) -> types.Status:
        """Return whether pictures can be analysed now, and how each part of Mien is."""
        return self._ask(ops.AskStatus())

    def notice(self, language: str = "en") -> types.Notice:
        """Return what people whose faces are looked at must be told, in `en` or `de`."""
        return self._ask(ops.ReadNotice(language))
