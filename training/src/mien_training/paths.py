"""Where things lie in the repository that this package is part of."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
MODELS = REPOSITORY / "models"
RUNS = REPOSITORY / "training" / "runs"
DATA = REPOSITORY.parent / "shared" / "data"
