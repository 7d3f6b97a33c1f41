"""What a model must pass before it is registered."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mien_models import load_registry
from mien_training.errors import GateError
from mien_training.evaluation.metrics import measure
from mien_training.releases.registering import REGISTRY, register
from mien_training.releases.sidecar import WEIGHTS, read_sidecar, write_sidecar

GIVEN = np.eye(7) * 0.7 + 0.3 / 7
FIGURES = measure(GIVEN, GIVEN, np.arange(7), np.zeros(7, bool), 1.0)


@pytest.fixture
def good(model_dir: Path) -> Path:
    """A model folder that passes every gate."""
    change(model_dir, evaluation={"pytorch": FIGURES, "tensorflow": FIGURES})
    change(model_dir, twins_max_difference=1e-6, dataset="drawn")
    return model_dir


def change(folder: Path, **changes: Any) -> None:
    write_sidecar(folder, read_sidecar(folder).model_copy(update=changes))


def test_a_measured_model_is_registered_beside_the_others(good: Path) -> None:
    """Registering again renews one entry and leaves the others where they are."""
    models = good.parents[1]
    register(models, good)
    document = yaml.safe_load((models / REGISTRY).read_text())
    document["models"].insert(0, document["models"][0] | {"name": "nhfi-tiny", "dataset": "nhfi"})
    (models / REGISTRY).write_text(yaml.safe_dump(document))
    change(good, dataset="fer2013-soft", name="fer2013-tiny")
    register(models, good)
    other, first, mine = load_registry(models / REGISTRY).models
    assert (other.name, first.name, mine.name) == ("nhfi-tiny", "drawn-tiny", "fer2013-tiny")
    assert mine.dataset == "fer2013"
    assert mine.metrics["public_test_accuracy"] == 1.0
    assert "FER2013" in mine.licence
    mine.verify_weights()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"evaluation": {}}, "not measured; run .*--model drawn-tiny --framework pytorch"),
        ({"evaluation": {"pytorch": FIGURES}}, "--framework tensorflow"),
        ({"twins_max_difference": None}, "twins differ by None"),
        ({"twins_max_difference": 0.001}, "twins differ by 0.001"),
        (
            {
                "evaluation": {
                    "pytorch": FIGURES,
                    "tensorflow": FIGURES.model_copy(update={"accuracy": 0.99}),
                }
            },
            r"accuracies are \[1.0, 0.99\]",
        ),
    ],
)
def test_a_model_that_fails_a_gate_is_not_registered(
    good: Path, changes: dict[str, Any], reason: str
) -> None:
    """The sentence names the model, the gate and the remedy; the registry is not touched."""
    change(good, **changes)
    with pytest.raises(GateError, match=rf"drawn-tiny version 1 is not registered: .*{reason}"):
        register(good.parents[1], good)
    assert not (good.parents[1] / REGISTRY).exists()


def test_weights_that_are_too_heavy_are_refused(good: Path) -> None:
    """Models together must fit the repository."""
    with (good / WEIGHTS).open("ab") as file:
        file.truncate(25_000_001)
    with pytest.raises(GateError, match="25,000,000 bytes; choose a smaller network"):
        register(good.parents[1], good)
