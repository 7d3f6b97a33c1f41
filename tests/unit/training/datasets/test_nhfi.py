"""NHFI: eight folders without a split."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets.leaks import find_leaks
from mien_training.datasets.nhfi import Nhfi
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import brightness_labels, draw_nhfi, picture, save


def test_every_class_is_split_alike(tmp_path: Path) -> None:
    """A tenth validates, a tenth is the test; sizes and formats are made equal."""
    draw_nhfi(tmp_path)
    parts = Nhfi().read(tmp_path)
    assert parts.test is not None
    for faces, size in ((parts.training, 16), (parts.validation, 2), (parts.test, 2)):
        assert np.bincount(faces.labels).tolist() == [size] * 8
        assert np.array_equal(brightness_labels(faces.images), faces.labels)
        assert faces.images.shape[1:] == (48, 48, 1)


def test_names_of_files_do_not_matter(tmp_path: Path) -> None:
    """The split hangs on the pictures, so a renamed copy of the set is split alike."""
    draw_nhfi(tmp_path)
    before = Nhfi().read(tmp_path).validation.images
    for number, path in enumerate(sorted(tmp_path.rglob("*.*"), reverse=True)):
        path.rename(path.with_name(f"renamed-{number:03}{path.suffix}"))
    after = Nhfi().read(tmp_path).validation.images
    assert {i.tobytes() for i in before} == {i.tobytes() for i in after}


def test_a_picture_that_is_there_twice_stays_on_one_side(tmp_path: Path) -> None:
    """Also when it is mirrored or labelled differently."""
    draw_nhfi(tmp_path)
    for number in range(20):
        image = picture(0, number, 48 + number, 70)
        save(tmp_path / "anger" / f"again-{number}.png", image[:, ::-1])
    parts = Nhfi().read(tmp_path)
    assert find_leaks(parts) == []


def test_a_class_of_two_pictures_cannot_be_split(tmp_path: Path) -> None:
    """Three parts need three pictures."""
    draw_nhfi(tmp_path)
    for path in sorted((tmp_path / "contempt").iterdir())[2:]:
        path.unlink()
    with pytest.raises(DataError, match="no face for training of the class contempt"):
        Nhfi().read(tmp_path)
