"""FER2013 as folders of pictures: train/<class>/* and test/<class>/*, as on Kaggle.

In that copy ``test`` is PublicTest and PrivateTest mixed, and nothing tells them apart, so figures
on it compare with neither. What chooses the epoch must not come from it: where there is no folder
for validation, a fixed, stratified tenth of ``train`` is taken.
"""

from pathlib import Path

import numpy as np

from mien_training.datasets.fer2013_rows import LABELS, SIDE, Fer2013Rows
from mien_training.datasets.names import class_folders
from mien_training.datasets.pictures import (
    GREY,
    Listed,
    picture_files,
    pictures_of_class,
    read_pictures,
)
from mien_training.datasets.splitting import TEST, TRAINING, VALIDATION, Shares, assign_parts

_PARTS = {
    "train": TRAINING,
    "training": TRAINING,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "publictest": VALIDATION,
    "test": TEST,
    "privatetest": TEST,
}
_SHARES = Shares(validation=0.1, test=0.0)


class Folders:
    """The layout of the picture folders."""

    looked_for = "a folder train of class folders"

    def is_in(self, folder: Path) -> bool:
        """Tell whether the folder holds it."""
        return any(part == TRAINING for _, part in _part_folders(folder))

    def files(self, folder: Path) -> list[Path]:
        """Return the pictures."""
        return [path for place, _ in _part_folders(folder) for path in picture_files(place)]

    def read(self, folder: Path, remedy: str) -> Fer2013Rows:
        """Return train and validation, and test where there is one; there are no votes.

        Raises:
            DataError: a class has no folder or no picture, or a picture is damaged.
        """
        listed = _list_pictures(folder, remedy)
        images = read_pictures((picture.path for picture in listed), SIDE, GREY, remedy)
        usage = assign_parts(listed, images, _SHARES, len(LABELS))
        return Fer2013Rows(images, np.array([p.label for p in listed], np.uint8), usage)


def _list_pictures(folder: Path, remedy: str) -> list[Listed]:
    folders = _part_folders(folder)
    drawn = VALIDATION not in {part for _, part in folders}
    return [
        Listed(path, label, part=None if drawn and part == TRAINING else part)
        for part_folder, part in folders
        for class_folder, label in class_folders(part_folder, LABELS, remedy)
        for path in pictures_of_class(class_folder, LABELS[label], remedy)
    ]


def _part_folders(folder: Path) -> list[tuple[Path, int]]:
    if not folder.is_dir():
        return []
    paths = sorted(path for path in folder.iterdir() if path.is_dir())
    named = ((path, _PARTS.get(path.name.casefold())) for path in paths)
    return [(path, part) for path, part in named if part is not None]
