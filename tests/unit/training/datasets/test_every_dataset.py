"""What holds for every data set in the registry."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets import DATASETS, Faces, Parts, find_dataset, hash_files
from mien_training.datasets.leaks import find_leaks
from mien_training.datasets.packed import PACKED, write_packed
from mien_training.errors import ConfigError, DataError
from mien_training.paths import REPOSITORY
from tests.unit.training.datasets.drawing import DRAWINGS


def nothing(folder: Path) -> None:
    """For data sets that need no files."""
    folder.mkdir()


@pytest.fixture(scope="module", params=DATASETS)
def name(request: pytest.FixtureRequest) -> str:
    """Each data set in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def folder(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small drawn folder of it."""
    made = tmp_path_factory.mktemp("data") / name
    DRAWINGS.get(name, nothing)(made)
    return made


@pytest.fixture(scope="module")
def parts(name: str, folder: Path) -> Parts:
    """What the reader makes of it."""
    return find_dataset(name).read(folder)


def sides(parts: Parts) -> list[Faces]:
    return [parts.training, parts.validation, *([parts.test] if parts.test is not None else [])]


def test_every_part_is_well_formed(parts: Parts) -> None:
    """Faces, labels, targets and extra have one row each, and targets add up to 1."""
    for faces in sides(parts):
        count = len(faces)
        assert faces.images.dtype == np.uint8
        assert faces.images.shape[0] == count > 0
        assert faces.images.shape[3] in (1, 3)
        assert faces.targets.shape == (count, len(parts.labels))
        assert faces.targets.dtype == faces.extra.dtype == np.float32
        assert np.allclose(faces.targets.sum(axis=1), 1)
        assert len(faces.extra) == count


def test_training_and_validation_have_every_class(parts: Parts) -> None:
    """No class is learned but never looked at, nor the other way round."""
    for faces in (parts.training, parts.validation):
        assert set(faces.labels.tolist()) == set(range(len(parts.labels)))


def test_no_two_parts_share_a_picture_or_a_person(parts: Parts) -> None:
    """Not even mirrored; the split comes before everything else."""
    assert find_leaks(parts) == []


def test_reading_twice_gives_the_same_split(name: str, folder: Path, parts: Parts) -> None:
    """A figure can be measured again."""
    again = find_dataset(name).read(folder)
    for first, second in zip(sides(parts), sides(again), strict=True):
        assert np.array_equal(first.images, second.images)
        assert np.array_equal(first.labels, second.labels)


def test_the_hash_follows_the_files(name: str, folder: Path) -> None:
    """The files that are read are the files that are hashed."""
    files = find_dataset(name).files(folder)
    assert all(path.is_file() for path in files)
    assert hash_files(files) == hash_files(find_dataset(name).files(folder))
    assert not files or hash_files(files) != hash_files(files[1:])


def test_the_packed_file_gives_the_same_faces(name: str, parts: Parts, tmp_path: Path) -> None:
    """A folder with faces.npz needs nothing else."""
    write_packed(tmp_path / PACKED, name, parts)
    if name not in DRAWINGS:
        pytest.skip(f"{name} is never read from a file")
    packed = find_dataset(name).read(tmp_path)
    assert packed.labels == parts.labels
    assert find_dataset(name).files(tmp_path) == [tmp_path / PACKED]
    for first, second in zip(sides(parts), sides(packed), strict=True):
        for array in ("images", "labels", "targets", "extra"):
            assert np.array_equal(getattr(first, array), getattr(second, array))


@pytest.mark.parametrize("dataset", DRAWINGS)
def test_an_empty_folder_is_an_error_with_the_remedy(dataset: str, tmp_path: Path) -> None:
    """Who has no data learns which folder was looked into and where to get what is missing."""
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(DataError, match=rf"{place}.*--data"):
            find_dataset(dataset).read(place)


def test_a_data_set_says_what_it_is_and_what_may_be_done(name: str) -> None:
    """A model card cites both."""
    dataset = find_dataset(name)
    assert dataset.title
    assert dataset.licence
    assert dataset.remedy


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    """A typing error is seen at once."""
    with pytest.raises(ConfigError, match="no data set 'fer2012'; there are: fer2013"):
        find_dataset("fer2012")


def test_the_table_of_data_sets_has_every_name(name: str) -> None:
    """Who wants to know where to get one finds it there."""
    table = (REPOSITORY / "training" / "DATASETS.md").read_text(encoding="utf-8")
    assert f"| `{name}` |" in table
