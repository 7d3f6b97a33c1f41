"""The sheet that shows what a recipe does to faces."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from mien_training.datasets.faces import Faces
from mien_training.preview import main, sheet
from mien_training.runs.recipe import Recipe

Sheets = Callable[[Faces, Faces], Path]


def options(recipe: Recipe, folder: Path, data: Path, out: Path) -> list[str]:
    config = folder / "recipe.yaml"
    config.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    return ["--config", str(config), "--data", str(data), "--out", str(out)]


def test_a_sheet_shows_each_face_and_its_copies(
    recipe: Recipe, sheets: Sheets, faces: Faces, tmp_path: Path
) -> None:
    """Eight rows of ten: the first column holds faces as they are, the others differ from it."""
    out = tmp_path / "sheet.png"
    assert main(options(recipe, tmp_path, sheets(faces, faces), out)) == 0
    picture = cv2.imread(str(out), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.shape == (8 * (96 + 8), 10 * (96 + 8))
    cells = picture.reshape(8, 104, 10, 104)[:, 4:-4, :, 4:-4].transpose(0, 2, 1, 3)
    small = cells[:, :, ::2, ::2].astype(int)
    originals = {face.tobytes() for face in faces.images}
    assert all(face.astype(np.uint8).tobytes() in originals for face in small[:, 0])
    assert (np.abs(small[:, 1:] - small[:, :1]).mean(axis=(2, 3)) > 1).all()
    assert not list(tmp_path.glob("*.tmp"))


def test_a_sheet_that_cannot_be_written_is_refused_with_a_sentence(
    recipe: Recipe,
    sheets: Sheets,
    faces: Faces,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A folder that does not exist is named, and the exit status is 1."""
    out = tmp_path / "missing" / "sheet.png"
    assert main(options(recipe, tmp_path, sheets(faces, faces), out)) == 1
    said = capsys.readouterr().err
    assert str(out) in said
    assert "choose another --out" in said


def test_coloured_faces_stay_coloured() -> None:
    """A sheet of colour has three channels, and each face stands in its place."""
    red = np.zeros((2, 48, 48, 3), np.uint8)
    red[1, ..., 0] = 255
    picture = sheet([red, red])
    assert picture.shape == (208, 208, 3)
    assert picture[104 + 52, 52].tolist() == [255, 0, 0]
    assert picture[52, 52].tolist() == [0, 0, 0]
