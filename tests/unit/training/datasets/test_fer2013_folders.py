"""FER2013 as folders of pictures."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets import find_dataset
from mien_training.datasets.faces import Faces
from mien_training.datasets.fer2013 import Fer2013
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import (
    brightness_labels,
    draw_fer2013_folders,
    picture,
    save,
)


def pixels(faces: Faces | None) -> set[bytes]:
    assert faces is not None
    return {image.tobytes() for image in faces.images}


def test_a_share_of_train_validates_where_there_is_no_folder_for_it(tmp_path: Path) -> None:
    """The mixed test of Kaggle's copy stays a test; it never chooses an epoch."""
    draw_fer2013_folders(tmp_path)
    parts = Fer2013().read(tmp_path)
    assert np.bincount(parts.training.labels).tolist() == [5] * 7
    assert np.bincount(parts.validation.labels).tolist() == [1] * 7
    drawn = {picture(label, 100 + n).tobytes() for label in range(7) for n in range(6)}
    assert pixels(parts.test) == drawn


@pytest.mark.parametrize(
    "names", [("train", "validation", "test"), ("Training", "PublicTest", "PrivateTest")]
)
def test_a_folder_for_validation_is_taken_as_it_is(
    tmp_path: Path, names: tuple[str, str, str]
) -> None:
    """Then all of train trains."""
    draw_fer2013_folders(tmp_path, names)
    parts = Fer2013().read(tmp_path)
    for place, faces in enumerate((parts.training, parts.validation, parts.test)):
        drawn = {picture(label, 100 * place + n).tobytes() for label in range(7) for n in range(6)}
        assert pixels(faces) == drawn


def test_every_picture_has_the_label_of_its_folder(tmp_path: Path) -> None:
    """Folders are sorted by name, labels are not."""
    draw_fer2013_folders(tmp_path)
    parts = Fer2013().read(tmp_path)
    assert np.array_equal(brightness_labels(parts.training.images), parts.training.labels)


def test_without_a_test_folder_there_is_no_test(tmp_path: Path) -> None:
    """What is not there is not made up."""
    draw_fer2013_folders(tmp_path, ("train",))
    assert Fer2013().read(tmp_path).test is None
    assert len(Fer2013().files(tmp_path)) == 7 * 6


def test_equal_pictures_of_train_stay_on_one_side(tmp_path: Path) -> None:
    """FER2013 holds many pictures twice, also mirrored; a drawn validation must not know them."""
    draw_fer2013_folders(tmp_path, ("train",))
    for number in range(6):
        image = picture(0, number)
        save(tmp_path / "train" / "angry" / f"copy-{number}.png", image)
        save(tmp_path / "train" / "angry" / f"mirror-{number}.png", image[:, ::-1])
    parts = Fer2013().read(tmp_path)
    mirrored = {image[:, ::-1].tobytes() for image in parts.training.images}
    assert not pixels(parts.validation) & (pixels(parts.training) | mirrored)


def test_other_spellings_of_the_classes_are_understood(tmp_path: Path) -> None:
    """Copies differ in how they call the classes."""
    draw_fer2013_folders(tmp_path)
    (tmp_path / "train" / "happy").rename(tmp_path / "train" / "Happiness")
    parts = Fer2013().read(tmp_path)
    assert np.array_equal(brightness_labels(parts.training.images), parts.training.labels)


def test_a_missing_class_is_named(tmp_path: Path) -> None:
    """One sentence with the folder and what it lacks."""
    draw_fer2013_folders(tmp_path)
    shutil.rmtree(tmp_path / "train" / "sad")
    with pytest.raises(DataError, match=r"train has no folder for sad;.*--data"):
        Fer2013().read(tmp_path)


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    """A folder without a picture is no class."""
    draw_fer2013_folders(tmp_path)
    for path in (tmp_path / "test" / "fear").iterdir():
        path.unlink()
    (tmp_path / "test" / "fear" / "notes.txt").write_text("nothing here")
    with pytest.raises(DataError, match=r"fear holds no picture, so the class fear is empty"):
        Fer2013().read(tmp_path)


def test_a_folder_that_is_no_class_is_named(tmp_path: Path) -> None:
    """Its pictures would be lost without a word."""
    draw_fer2013_folders(tmp_path)
    (tmp_path / "train" / "bored").mkdir()
    with pytest.raises(DataError, match=r"bored is no class; the classes are angry"):
        Fer2013().read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_damaged_picture_is_named(tmp_path: Path, content: bytes) -> None:
    """One sentence with the file."""
    draw_fer2013_folders(tmp_path)
    (tmp_path / "train" / "sad" / "3.png").write_bytes(content)
    with pytest.raises(DataError, match=r"sad/3.png is damaged or no picture: fetch it again"):
        Fer2013().read(tmp_path)


@pytest.mark.parametrize("name", ["ferplus", "ferplus-soft", "fer2013-soft"])
def test_pictures_have_no_votes(tmp_path: Path, name: str) -> None:
    """What needs the votes of FER+ says so, and what has them."""
    draw_fer2013_folders(tmp_path)
    with pytest.raises(DataError, match=r"votes.*fer2013.csv"):
        find_dataset(name).read(tmp_path)
