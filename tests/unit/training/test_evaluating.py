"""Measuring a model through its exports, and what is written about it."""

from pathlib import Path

import pytest
import yaml
from mien_training.data import Faces

from mien_models import load_registry
from mien_training.errors import WeightsError
from mien_training.evaluation.evaluating import evaluate
from mien_training.releases.card import CARD, write_card
from mien_training.releases.registering import REGISTRY, register
from mien_training.releases.sidecar import read_sidecar

MARKS = "# Drawn\n\n<!-- figures: begin -->\nold\n<!-- figures: end -->\n\nThe end.\n"


def test_both_twins_are_measured_and_compared(
    model_dir: Path, tmp_path: Path, faces: Faces
) -> None:
    """The sidecar gets each twin's figures, and their difference once both are known."""
    evaluate(model_dir, "pytorch", faces, tmp_path / "kept")
    assert read_sidecar(model_dir).twins_max_difference is None
    evaluate(model_dir, "tensorflow", faces, tmp_path / "kept")
    sidecar = read_sidecar(model_dir)
    assert sidecar.evaluation["pytorch"] == sidecar.evaluation["tensorflow"]
    assert sum(map(sum, sidecar.evaluation["pytorch"].confusion)) == len(faces)
    assert sidecar.twins_max_difference == pytest.approx(0, abs=1e-5)


def test_the_registry_gets_the_figures_and_keeps_other_models(
    model_dir: Path, tmp_path: Path, faces: Faces
) -> None:
    """Registering again renews one entry and leaves the others where they are."""
    models = model_dir.parents[1]
    register(models, model_dir)
    document = yaml.safe_load((models / REGISTRY).read_text())
    first = document["models"][0] | {"name": "other-tiny", "dataset": "other"}
    document["models"].insert(0, first)
    (models / REGISTRY).write_text(yaml.safe_dump(document))
    figures = evaluate(model_dir, "tensorflow", faces, tmp_path / "kept")
    register(models, model_dir)
    other, mine = load_registry(models / REGISTRY).models
    assert (other.name, other.metrics) == ("other-tiny", {})
    assert mine.metrics["public_test_accuracy"] == figures.accuracy


def test_the_card_gets_the_figures_between_its_marks(
    model_dir: Path, tmp_path: Path, faces: Faces
) -> None:
    """Words stay, figures are renewed, and writing twice changes nothing more."""
    figures = evaluate(model_dir, "tensorflow", faces, tmp_path / "kept")
    card = model_dir.parent / CARD
    card.write_text(MARKS)
    write_card(model_dir)
    text = card.read_text()
    assert text.startswith("# Drawn\n")
    assert text.endswith("\n\nThe end.\n")
    assert "old" not in text
    assert f"| tensorflow | {figures.accuracy} |" in text
    write_card(model_dir)
    assert card.read_text() == text


@pytest.mark.parametrize("content", [None, "# Drawn\n"])
def test_a_card_without_marks_is_named(model_dir: Path, content: str | None) -> None:
    """A missing card or one without marks is an error, not a silently unwritten table."""
    if content is not None:
        (model_dir.parent / CARD).write_text(content)
    with pytest.raises(WeightsError, match=r"README\.md needs the marks"):
        write_card(model_dir)
