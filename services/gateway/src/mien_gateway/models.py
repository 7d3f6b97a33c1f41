"""Which models are served, and by which server."""

from collections.abc import Iterator, Mapping

from mien_gateway.backends.base import Backend
from mien_gateway.errors import UnknownModelError
from mien_models.registry import Framework, Registry, ServedModel


class Models:
    """The registry with a model server per framework."""

    def __init__(self, registry: Registry, backends: Mapping[Framework, Backend]) -> None:
        self._backends = dict(backends)
        self.adopt(registry)

    def adopt(self, registry: Registry) -> None:
        """Serve what this registry lists; requests under way end as they began."""
        self._served = {served.name: served for served in registry.served()}
        self.default = next(iter(self._served.values()))

    def __iter__(self) -> Iterator[ServedModel]:
        """Every served model, the default first."""
        return iter(self._served.values())

    def resolve(self, name: str) -> ServedModel:
        """Return the model of that name, or the default where the name is empty.

        Raises UnknownModelError, with the names there are.
        """
        if not name:
            return self.default
        try:
            return self._served[name]
        except KeyError:
            raise UnknownModelError(name, tuple(self._served)) from None

    def twin(self, model: ServedModel) -> ServedModel | None:
        """Return the same model in the other framework, where it is served too."""
        return next(
            (
                other
                for other in self._served.values()
                if other.model is model.model and other is not model
            ),
            None,
        )

    def backend(self, model: ServedModel) -> Backend:
        """Return the server of a model."""
        return self._backends[model.framework]
