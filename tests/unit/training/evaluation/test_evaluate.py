"""Measuring a released model by the program."""

import subprocess
import sys
from pathlib import Path

import keras
import pytest

from mien_models import load_registry
from mien_training.architectures import build
from mien_training.datasets import find_dataset
from mien_training.errors import WeightsError
from mien_training.evaluate import main
from mien_training.releases.card import CARD, new_card, write_card
from mien_training.releases.registering import REGISTRY
from mien_training.releases.sidecar import SIDECAR, read_sidecar, write_sidecar
from tests.unit.training.conftest import drawn_sidecar, write_model

pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder whose two twins were measured on the cartoons, PyTorch in its own process."""
    tmp = tmp_path_factory.mktemp("measured")
    keras.utils.set_random_seed(3)
    folder = write_model(tmp, build("cnn4", (48, 48, 1), 7), "cnn4")
    sidecar = drawn_sidecar("cnn4").model_copy(update={"dataset": "drawn"})
    write_sidecar(folder, sidecar)
    (folder.parent / CARD).write_text(new_card(sidecar, find_dataset("drawn")))
    options = ["--model", "drawn-cnn4", "--models", str(folder.parents[1]), "--kept", str(tmp)]
    assert main([*options, "--framework", "tensorflow"]) == 0
    assert not (folder.parents[1] / REGISTRY).exists()
    command = [sys.executable, "-m", "mien_training.evaluate", *options, "--framework", "pytorch"]
    subprocess.run(command, check=True, capture_output=True, timeout=150)
    return folder


def test_both_twins_are_measured_compared_and_registered(measured: Path) -> None:
    """The sidecar has both figures and their difference, and only then the registry the model."""
    sidecar = read_sidecar(measured)
    assert sidecar.evaluation["pytorch"] == sidecar.evaluation["tensorflow"]
    assert sum(map(sum, sidecar.evaluation["pytorch"].confusion)) == 140
    assert sidecar.twins_max_difference == pytest.approx(0, abs=1e-5)
    (model,) = load_registry(measured.parents[1] / REGISTRY).models
    assert model.name == "drawn-cnn4"
    assert model.metrics["public_test_accuracy"] == sidecar.evaluation["pytorch"].accuracy


def test_the_card_has_the_figures_and_their_commands(measured: Path) -> None:
    """Each twin's column, the classes, and what measured them."""
    card = (measured.parent / CARD).read_text()
    figures = read_sidecar(measured).evaluation["pytorch"]
    assert f"| accuracy | {figures.accuracy:.4f} | {figures.accuracy:.4f} |" in card
    assert "| expression | faces | precision | recall | F1 |" in card
    assert "--model drawn-cnn4 --framework pytorch" in card


def test_what_is_stated_can_be_checked(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same data give the same figures; a changed figure is found and nothing is rewritten."""
    models = measured.parents[1]
    options = ["--model", "drawn-cnn4", "--framework", "tensorflow", "--models", str(models)]
    options += ["--kept", str(tmp_path), "--check"]
    before = (measured / SIDECAR).read_bytes()
    assert main(options) == 0
    assert "every stated figure" in capsys.readouterr().out
    assert (measured / SIDECAR).read_bytes() == before
    sidecar = read_sidecar(measured)
    wrong = sidecar.evaluation["tensorflow"].model_copy(update={"macro_f1": 0.987})
    evaluation = {**sidecar.evaluation, "tensorflow": wrong}
    write_sidecar(measured, sidecar.model_copy(update={"evaluation": evaluation}))
    try:
        assert main(options) == 1
        assert "macro_f1 is stated as 0.987, measured as" in capsys.readouterr().err
    finally:
        (measured / SIDECAR).write_bytes(before)


def test_a_model_that_does_not_exist_is_named(
    measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With those that do."""
    options = ["--model", "wise-owl", "--framework", "tensorflow"]
    assert main([*options, "--models", str(measured.parents[1])]) == 1
    assert "no model 'wise-owl'" in (said := capsys.readouterr().err)
    assert "there are: drawn-cnn4" in said


@pytest.mark.parametrize("content", [None, "# Drawn\n"])
def test_a_card_without_marks_is_named(model_dir: Path, content: str | None) -> None:
    """A missing card or one without marks is an error, not a silently unwritten table."""
    if content is not None:
        (model_dir.parent / CARD).write_text(content)
    with pytest.raises(WeightsError, match=r"README\.md needs the marks"):
        write_card(model_dir)


def test_figures_are_renewed_between_the_marks(model_dir: Path) -> None:
    """Words stay, and writing twice changes nothing more."""
    card = model_dir.parent / CARD
    card.write_text("# Drawn\n\n<!-- figures: begin -->\nold\n<!-- figures: end -->\n\nThe end.\n")
    write_card(model_dir)
    text = card.read_text()
    assert text.startswith("# Drawn\n")
    assert text.endswith("\n\nThe end.\n")
    assert "old" not in text
    write_card(model_dir)
    assert card.read_text() == text


def test_a_new_card_says_what_the_model_may_not_be_used_for(measured: Path) -> None:
    """Name, classes, data, licence and the law's limits are there from the beginning."""
    card = (measured.parent / CARD).read_text()
    assert card.startswith("# drawn-cnn4\n")
    for words in ("angry, disgust", "Drawn cartoon faces", "free to use", "Art. 5(1)(f)", "hiring"):
        assert words in card
