"""Twins: one set of weights, served by both frameworks."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien_bench.errors import BenchError
from mien_models.registry import Framework, Model, Registry, ServedModel

PYTORCH, TENSORFLOW = Framework.PYTORCH, Framework.TENSORFLOW


@dataclass(frozen=True, slots=True)
class Pair:
    """A model that both frameworks serve."""

    model: Model

    @property
    def name(self) -> str:
        """The model's name, without a framework."""
        return self.model.name

    def twin(self, framework: Framework) -> ServedModel:
        """Return it as one framework serves it."""
        return ServedModel(model=self.model, framework=framework)


def pairs_of(registry: Registry, names: Sequence[str] = ()) -> tuple[Pair, ...]:
    """Return the pairs of those names, or all there are, in the registry's order.

    Raises:
        BenchError: there is no such pair, or none at all.
    """
    pairs = [Pair(model) for model in registry.models if {*Framework} <= {*model.frameworks}]
    known = [pair.name for pair in pairs]
    if strangers := sorted({*names} - {*known}):
        message = f"no twins are called {', '.join(strangers)}; there are: {', '.join(known)}"
        raise BenchError(message)
    if not pairs:
        message = "the registry has no model that both frameworks serve"
        raise BenchError(message)
    return tuple(pair for pair in pairs if not names or pair.name in names)
