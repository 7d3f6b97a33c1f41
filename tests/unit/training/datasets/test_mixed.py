"""Mixed: three sources in fixed shares."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets import find_dataset
from mien_training.datasets.packed import PACKED, write_packed
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import brightness_labels, draw_mixed, draw_sheets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of all three sources."""
    made = tmp_path / "data"
    draw_mixed(made)
    return made


def pixels(name: str, folder: Path) -> list[set[bytes]]:
    parts = find_dataset(name).read(folder)
    sides = (parts.training, parts.validation, parts.test)
    return [{i.tobytes() for i in side.images} for side in sides if side is not None]


def test_every_class_has_the_same_mixture(folder: Path) -> None:
    """One fifth KDEF, two fifths NHFI, two fifths FER2013; each part out of like parts."""
    parts = find_dataset("mixed").read(folder)
    assert "contempt" not in parts.labels
    sources = {name: pixels(name, folder / name) for name in ("kdef", "nhfi", "fer2013")}
    for number, faces in enumerate((parts.training, parts.validation, parts.test)):
        assert faces is not None
        for label in range(7):
            images = [i.tobytes() for i in faces.images[faces.labels == label]]
            counts = {name: sum(i in s[number] for i in images) for name, s in sources.items()}
            unit = counts["kdef"]
            assert counts == {"kdef": unit, "nhfi": 2 * unit, "fer2013": 2 * unit}
            assert len(images) == 5 * unit > 0


def test_a_part_is_as_large_as_its_smallest_class_allows(folder: Path) -> None:
    """FER2013 has 4 pictures of most classes for training, so two units fit; KDEF would have 6."""
    parts = find_dataset("mixed").read(folder)
    assert np.bincount(parts.training.labels).tolist() == [10] * 7


# The label here of each class as drawn: NHFI is drawn in FER+'s order, neutral first.
LABELS = {"kdef": range(7), "fer2013": range(7), "nhfi": (6, 3, 5, 4, 0, 1, 2)}


def test_labels_are_matched_by_name(folder: Path) -> None:
    """The sources number their classes differently."""
    parts = find_dataset("mixed").read(folder)
    for name, labels in LABELS.items():
        training = pixels(name, folder / name)[0]
        own = parts.training.take(
            np.array([i.tobytes() in training for i in parts.training.images])
        )
        assert len(own) > 0
        drawn = brightness_labels(own.images)
        assert own.labels.tolist() == [labels[number] for number in drawn]


def test_people_of_kdef_stay_known(folder: Path) -> None:
    """So that the check for leaks sees them; nobody knows who is in the other two."""
    people = find_dataset("mixed").read(folder).training.people
    assert people is not None
    assert np.mean(people >= 0) == pytest.approx(0.2)


def test_sheets_of_fer2013_leave_no_test(folder: Path) -> None:
    """PrivateTest is not in them, and a test of two sources would be another one."""
    for path in (folder / "fer2013").iterdir():
        path.unlink()
    draw_sheets(folder / "fer2013")
    assert find_dataset("mixed").read(folder).test is None


def test_a_source_may_be_packed(folder: Path) -> None:
    """Which raw KDEF has to be, for its pictures are not cropped."""
    before = find_dataset("mixed").read(folder)
    write_packed(folder / "kdef" / PACKED, "kdef", find_dataset("kdef").read(folder / "kdef"))
    for path in (folder / "kdef").rglob("*.JPG"):
        path.unlink()
    after = find_dataset("mixed").read(folder)
    assert np.array_equal(before.training.images, after.training.images)


def test_faces_of_different_size_are_refused(folder: Path) -> None:
    """An array has one shape."""
    parts = find_dataset("kdef").read(folder / "kdef")
    small = [
        type(faces)(
            faces.images[:, ::2, ::2], faces.labels, faces.targets, faces.extra, faces.people
        )
        for faces in (parts.training, parts.validation)
    ]
    write_packed(folder / "kdef" / PACKED, "kdef", type(parts)(parts.labels, *small))
    with pytest.raises(DataError, match="faces of different shapes"):
        find_dataset("mixed").read(folder)


def test_a_source_with_too_few_pictures_is_named(folder: Path) -> None:
    """One sentence with the source and the class."""
    path = folder / "fer2013" / "fer2013.csv"
    lines = path.read_text().splitlines(keepends=True)
    disgust = [line for line in lines if line.startswith("1,") and line.endswith("Training\n")]
    path.write_text("".join(line for line in lines if line not in disgust[1:]))
    with pytest.raises(DataError, match=r"fer2013 has too few pictures of disgust to be mixed"):
        find_dataset("mixed").read(folder)


def test_a_missing_source_is_named(folder: Path) -> None:
    """Its own reader says where to get it."""
    (folder / "nhfi").rename(folder / "elsewhere")
    with pytest.raises(DataError, match=r"nhfi is missing; .*anger, contempt"):
        find_dataset("mixed").read(folder)
