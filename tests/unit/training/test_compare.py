"""PyTorch beside TensorFlow."""

import subprocess
import sys
from pathlib import Path

import pytest

from mien_training.compare import main
from mien_training.comparison.result import Comparison, Side, curves, to_markdown
from mien_training.comparison.running import run_program
from mien_training.errors import RunError
from mien_training.paths import REPOSITORY

pytestmark = pytest.mark.timeout(300)


def side(*accuracies: float) -> Side:
    history = [
        {"epoch": epoch, "validation_loss": 1 - accuracy, "accuracy": accuracy}
        for epoch, accuracy in enumerate(accuracies, 1)
    ]
    return Side(
        best_accuracy=max(accuracies),
        seconds_an_epoch=2.5,
        cpu_seconds=20,
        peak_megabytes=1000,
        file_megabytes=3.5,
        history=history,
    )


RESULT = Comparison(
    recipe="drawn-x", epochs=2, sides={"pytorch": side(0.5, 0.75), "tensorflow": side(0.25, 1.0)}
)


def test_the_curve_is_the_difference_of_each_epoch() -> None:
    """PyTorch minus TensorFlow; where one stopped early, as far as both went."""
    assert RESULT.differences("accuracy") == [0.25, -0.25]
    assert RESULT.differences("validation_loss") == [-0.25, 0.25]
    shorter = RESULT.model_copy(update={"sides": RESULT.sides | {"tensorflow": side(0.25)}})
    assert shorter.differences("accuracy") == [0.25]


def test_the_page_has_a_row_for_every_figure() -> None:
    """Two columns, and the picture beside them."""
    page = to_markdown(RESULT, "curves.png")
    assert "| best validation accuracy | 0.7500 | 1.0000 |" in page
    assert "| exported graph, MB | 3.5 | 3.5 |" in page
    assert "differ by 0.2500 at most" in page
    assert "own dropout" in page
    assert "(curves.png)" in page
    assert curves(RESULT).startswith(b"\x89PNG")


def test_a_program_that_fails_ends_the_comparison() -> None:
    """Its own words were shown; the error names it."""
    with pytest.raises(RunError, match=r"mien_training\.release ended with status 1"):
        run_program("release", "--run", "nowhere")


@pytest.mark.parametrize("left", ["pytorch", "tensorflow", "pytorch-models"])
def test_an_earlier_comparison_is_left_alone(
    left: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that goes on from a checkpoint would report the cost of its last piece as the whole."""
    (tmp_path / left).mkdir()
    config = REPOSITORY / "training" / "configs" / "drawn-cnn4.yaml"
    assert main(["--config", str(config), "--out", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert f"{tmp_path / left} is from an earlier comparison" in message
    assert "choose another --out" in message
    assert [path.name for path in tmp_path.iterdir()] == [left]


def test_both_frameworks_train_from_the_same_weights(tmp_path: Path) -> None:
    """One epoch of the cartoons in each, measured, exported and written down."""
    config = REPOSITORY / "training" / "configs" / "drawn-cnn4.yaml"
    command = [sys.executable, "-m", "mien_training.compare", "--config", str(config)]
    command += ["--epochs", "1", "--out", str(tmp_path), "--set", "batch_size=20"]
    subprocess.run(command, check=True, capture_output=True, timeout=280)
    result = Comparison.model_validate_json((tmp_path / "compare.json").read_text())
    assert result.epochs == 1
    for one in result.sides.values():
        assert one.peak_megabytes > 100
        assert one.file_megabytes > 1
        assert len(one.history) == 1
    assert {"compare.md", "curves.png", "initial.safetensors"} <= {
        path.name for path in tmp_path.iterdir()
    }
