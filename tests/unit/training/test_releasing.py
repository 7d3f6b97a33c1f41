"""From a run to a model folder."""

from pathlib import Path

import pytest

from mien_training.datasets.faces import Parts
from mien_training.errors import CheckpointError
from mien_training.releases.card import CARD
from mien_training.releases.released import load_released
from mien_training.releases.releasing import release
from mien_training.runs.loop import build_network, prepare, train
from mien_training.runs.recipe import Phase, Recipe

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def run(tmp_path: Path, recipe: Recipe, parts: Parts) -> Path:
    """A run of one epoch."""
    short = recipe.model_copy(update={"phases": (Phase(epochs=1, learning_rate=0.001),)})
    network = build_network(short, len(parts.labels))
    train(prepare(tmp_path / "run", short, parts, network), lambda _: None)
    return tmp_path / "run"


def test_a_run_becomes_a_model_folder(tmp_path: Path, run: Path, parts: Parts) -> None:
    """The best weights, where they came from, and a card to be completed by people."""
    folder = release(run, tmp_path / "models", parts, "0" * 64)
    assert folder == tmp_path / "models" / "drawn-tiny" / "1"
    sidecar, network = load_released(folder)
    assert (sidecar.name, sidecar.dataset, sidecar.labels) == (
        "drawn-tiny",
        "fer2013",
        parts.labels,
    )
    assert sidecar.best_epoch == 1
    assert sidecar.recipe["phases"][0]["epochs"] == 1
    assert network.output_shape == (None, len(parts.labels))
    assert "# drawn-tiny" in (folder.parent / CARD).read_text()


def test_a_card_that_people_wrote_stays(tmp_path: Path, run: Path, parts: Parts) -> None:
    """Releasing again renews the weights and never the words."""
    card = tmp_path / "models" / "drawn-tiny" / CARD
    card.parent.mkdir(parents=True)
    card.write_text("words")
    release(run, tmp_path / "models", parts, "0" * 64)
    assert card.read_text() == "words"


def test_a_folder_without_a_run_is_named(tmp_path: Path, parts: Parts) -> None:
    """The error names the checkpoint that is not there."""
    with pytest.raises(CheckpointError, match=r"last\.npz"):
        release(tmp_path, tmp_path / "models", parts, "")
