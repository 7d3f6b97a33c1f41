"""No picture, nor an augmented copy of one, is on two sides of a split, whatever the data set."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from mien_training.augmentation.balancing import balance_by_augmentation
from mien_training.datasets import DATASETS, Faces, Parts, find_dataset
from mien_training.datasets.faces import labelled
from mien_training.datasets.fingerprints import mirror_fingerprint
from mien_training.datasets.leaks import find_leaks
from tests.unit.training.datasets.drawing import DRAWINGS

CHANGES = 30
"""More rounds of changes than the balancing goes through before it begins again."""


@pytest.fixture(scope="module", params=DATASETS)
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """Every data set, drawn small."""
    folder: Path = tmp_path_factory.mktemp("data")
    if request.param in DRAWINGS:
        DRAWINGS[request.param](folder)
    return find_dataset(request.param).read(folder)


def sides(parts: Parts) -> list[Faces]:
    return [side for side in (parts.training, parts.validation, parts.test) if side is not None]


def versions(faces: Faces) -> set[bytes]:
    """Return the fingerprints of all faces and of every changed copy that balancing makes.

    Beside a class so large that each face is copied with every change.
    """
    count = len(faces) * (CHANGES + 1)
    images = np.concatenate([faces.images, np.zeros((count, *faces.images.shape[1:]), np.uint8)])
    labels = np.repeat(np.array([0, 1], np.uint8), [len(faces), count])
    balanced = balance_by_augmentation(labelled(images, labels, 2), seed=0)
    return {mirror_fingerprint(image) for image in balanced.images[balanced.labels == 0]}


def test_no_changed_copy_of_a_picture_is_on_another_side(parts: Parts) -> None:
    """Mirrored, turned, enlarged, brightened or all of it: the copies of two sides differ."""
    made = [versions(side) for side in sides(parts)]
    assert all(
        len(versions) > 10 * len(side) for versions, side in zip(made, sides(parts), strict=True)
    )
    for first, second in combinations(made, 2):
        assert not first & second


def test_a_picture_on_both_sides_would_be_seen(parts: Parts) -> None:
    """The check above can fail: one mirrored picture too many, and it does."""
    stolen = parts.validation.take(np.array([0]))
    stolen = replace(stolen, images=stolen.images[:, :, ::-1])
    assert versions(stolen) & versions(parts.validation)


def test_balanced_training_shares_nothing_with_the_rest(parts: Parts) -> None:
    """Balancing gets the training part alone, and all it adds is made from that."""
    kept = parts.training.take(np.arange(len(parts.training)) % 7 != 1)
    marked = replace(kept, extra=np.arange(len(kept), dtype=np.float32)[:, np.newaxis])
    balanced = balance_by_augmentation(marked, seed=0)
    assert len(balanced) > len(kept)
    originals = balanced.extra[:, 0].astype(int)
    assert np.array_equal(balanced.labels, kept.labels[originals])
    assert find_leaks(replace(parts, training=balanced)) == []
