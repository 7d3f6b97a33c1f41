import re
from pathlib import Path

import pytest

from mien_models import Model, load_registry

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = load_registry(ROOT / "models" / "registry.yaml").models


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_readme_states_the_registered_accuracy(model: Model) -> None:
    """The figure that people read is the one that was measured."""
    row = next(line for line in README.splitlines() if line.startswith(f"| [`{model.name}`]"))
    (stated,) = re.findall(r"([\d.]+) %", row)
    assert float(stated) == pytest.approx(100 * model.metrics["public_test_accuracy"], abs=0.05)
