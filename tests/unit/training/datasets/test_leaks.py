"""The check for what two parts share."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets import find_dataset
from mien_training.datasets.faces import Faces, Parts, labelled
from mien_training.datasets.leaks import find_leaks
from mien_training.paths import DATA
from tests.unit.training.datasets.drawing import picture

PUBLIC_TEST_ROWS_IN_TRAINING = 280


def faces(*seeds: int, people: tuple[int, ...] | None = None) -> Faces:
    """Pictures of one class, each told by its seed."""
    images = np.stack([picture(0, seed) for seed in seeds])[..., np.newaxis]
    numbers = None if people is None else np.array(people, np.int64)
    return labelled(images, np.zeros(len(seeds), np.uint8), 1, numbers)


def mirrored(side: Faces) -> Faces:
    return replace(side, images=side.images[:, :, ::-1])


def test_parts_without_anything_in_common_are_clean() -> None:
    """People who are not known are nobody in particular."""
    unknown = (-1, -1)
    parts = Parts(("one",), faces(1, 2, people=unknown), faces(3, 4, people=unknown), faces(5, 6))
    assert find_leaks(parts) == []


def test_the_same_picture_in_two_parts_is_found() -> None:
    """Its row in the second part is told."""
    (leak,) = find_leaks(Parts(("one",), faces(1, 2, 3), faces(4, 3)))
    assert (leak.first, leak.second) == ("training", "validation")
    assert (leak.pictures, leak.mirrored, leak.people) == ((1,), (), ())


def test_a_mirrored_copy_in_another_part_is_found() -> None:
    """Whichever of the two is the copy."""
    for parts in (
        Parts(("one",), faces(1, 2), faces(3), mirrored(faces(4, 2))),
        Parts(("one",), mirrored(faces(1, 2)), faces(3), faces(4, 2)),
    ):
        (leak,) = find_leaks(parts)
        assert (leak.first, leak.second, leak.mirrored) == ("training", "test", (1,))


def test_the_same_person_in_two_parts_is_found() -> None:
    """Other pictures of one person are no other person."""
    train, validation = faces(1, 2, people=(7, 8)), faces(3, 4, people=(9, 8))
    (leak,) = find_leaks(Parts(("one",), train, validation))
    assert leak.people == (8,)
    assert str(leak) == ("validation shares 0 pictures, 0 mirrored ones and 1 people with training")


def test_copies_within_a_part_are_no_leak() -> None:
    """They weigh a picture twice, but tell nothing about the other side."""
    assert find_leaks(Parts(("one",), faces(1, 1), faces(2, 2))) == []


def test_the_published_fer2013_shares_pictures_between_its_parts() -> None:
    """The figure that DATASETS.md tells; the rows stay, for all published figures have them."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is absent: its duplicates cannot be counted")
    (leak,) = find_leaks(find_dataset("fer2013").read(Path(DATA)))
    assert len(leak.pictures) == PUBLIC_TEST_ROWS_IN_TRAINING
    assert leak.mirrored == leak.people == ()
