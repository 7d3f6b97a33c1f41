"""Pools of model servers: the same models behind one address, scaled together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mien_gateway.backends.base import Backend
from mien_models.registry import Framework, Registry, ServedModel


def _always(_: ServedModel) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Model servers that calls are spread over, and what they serve."""

    backend: Backend
    framework: Framework
    models: frozenset[str] | None = None
    """Models of the registry, without the framework; None is all of them."""
    weight: float = 100
    """Its share of a model's calls, beside the other pools that serve the model."""
    registry: Registry | None = None
    """Which versions it serves, where they are not those of the gateway's own registry."""
    usable: Callable[[ServedModel], bool] = _always
    """Whether it would be asked for a model now."""

    def serves(self, registry: Registry) -> Iterator[ServedModel]:
        """Every model that it serves while that is the gateway's registry."""
        for served in (self.registry or registry).served():
            if served.framework is self.framework and self._has(served.model.name):
                yield served

    def served(self, model: ServedModel) -> bool:
        """Whether it served a model that a registry listed before."""
        return (
            self.registry is None
            and model.framework is self.framework
            and self._has(model.model.name)
        )

    def _has(self, model: str) -> bool:
        return self.models is None or model in self.models
