"""The report of an evaluation."""

import json
from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets.drawn import Drawn
from mien_training.evaluation.metrics import measure
from mien_training.evaluation.pictures import notable_rows
from mien_training.evaluation.report import DATA, PAGE, Evaluated, write_report


@pytest.fixture(scope="module")
def evaluated() -> Evaluated:
    """Answers to cartoons, most of them right."""
    parts = Drawn().read(Path())
    faces = parts.validation
    powers = np.exp(np.random.default_rng(0).normal(0, 1, (len(faces), 7)) + 3 * faces.targets)
    given = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    figures = measure(given, given, faces.labels, np.zeros(len(faces), bool), 1.0)
    maps = [(label, np.zeros((48, 48, 3), np.uint8)) for label in parts.labels]
    return Evaluated("drawn-x-pytorch", "Facts.", parts.labels, faces, given, 1.0, figures, maps)


def test_the_page_holds_everything(evaluated: Evaluated, tmp_path: Path) -> None:
    """One file with all sections, its pictures inside it, and no path of the machine."""
    page = write_report(tmp_path / "report", evaluated)
    text = page.read_text(encoding="utf-8")
    assert page.name == PAGE
    for section in ("Figures", "Expressions", "Confusion", "Calibration", "Faces", "looked"):
        assert section in text
    assert text.count('src="data:image/png;base64,') == 4 + 3
    assert "src=" not in text.replace('src="data:', "")
    assert str(tmp_path) not in text
    assert f"{evaluated.figures.accuracy:.4f}" in text
    assert sorted(path.name for path in page.parent.iterdir()) == [PAGE, DATA]


def test_the_figures_are_written_for_programs_too(evaluated: Evaluated, tmp_path: Path) -> None:
    """The same numbers as JSON."""
    write_report(tmp_path, evaluated)
    written = json.loads((tmp_path / DATA).read_text())
    assert written["accuracy"] == evaluated.figures.accuracy
    assert written["labels"] == list(evaluated.labels)


def test_notable_faces_are_the_surest_and_the_least_sure() -> None:
    """Right and wrong ones in the order of confidence, and the nearest things."""
    given = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.55, 0.45]])
    rows = notable_rows(given, np.array([0, 1, 1, 0]), most=2)
    assert rows == {"right": [0, 2], "wrong": [1], "uncertain": [3, 2]}
