"""Where a run stands: what a checkpoint must know to go on, and nothing else."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from mien_training.runs.optimizing import PLATEAU_PATIENCE
from mien_training.runs.recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """Epochs done and the best validation so far.

    Attributes:
        phase: index of the current phase.
        done: epochs done in it.
        epoch: epochs done in all phases together.
        best: best validation accuracy so far; -1 before the first.
        stale: epochs of this phase since the best got better.
        waited: epochs since the best got better or the plateau's rate fell.
    """

    phase: int = 0
    done: int = 0
    epoch: int = 0
    best: float = -1.0
    stale: int = 0
    waited: int = 0

    def after(self, accuracy: float) -> "Progress":
        """Return where the run stands after one more epoch."""
        better = accuracy > self.best
        waited = 0 if better or self.rate_falls else self.waited + 1
        return replace(
            self,
            done=self.done + 1,
            epoch=self.epoch + 1,
            best=max(self.best, accuracy),
            stale=0 if better else self.stale + 1,
            waited=waited,
        )

    @property
    def rate_falls(self) -> bool:
        """Whether a plateau schedule lowers the rate now."""
        return self.waited >= PLATEAU_PATIENCE

    def phase_is_over(self, recipe: Recipe) -> bool:
        """Tell whether the current phase has had its epochs or is stopped early."""
        patience = recipe.early_stopping
        stopped = patience is not None and self.stale >= patience
        return stopped or self.done >= recipe.phases[self.phase].epochs

    def next_phase(self) -> "Progress":
        """Return the beginning of the next phase."""
        return replace(self, phase=self.phase + 1, done=0, stale=0, waited=0)

    def to_meta(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return asdict(self)
