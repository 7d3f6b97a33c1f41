"""The layouts that FER2013 is passed on in; a folder's content tells which it has."""

from pathlib import Path
from typing import Protocol

from mien_training.datasets.fer2013_csv import Tables
from mien_training.datasets.fer2013_folders import Folders
from mien_training.datasets.fer2013_rows import Fer2013Rows
from mien_training.datasets.fer2013_sheets import Sheets
from mien_training.errors import DataError

REMEDY = (
    f"give a folder with {Sheets.looked_for}, {Tables.looked_for}, or {Folders.looked_for} "
    "with --data (training/DATASETS.md says where to get it)"
)


class Layout(Protocol):
    """One way to keep FER2013 in a folder."""

    @property
    def looked_for(self) -> str:
        """The files that tell it."""

    def is_in(self, folder: Path) -> bool:
        """Tell whether the folder holds it."""

    def files(self, folder: Path) -> list[Path]:
        """Return the files that it reads."""

    def read(self, folder: Path, remedy: str) -> Fer2013Rows:
        """Return all faces; raise DataError where a file is not what it should be."""


LAYOUTS: tuple[Layout, ...] = (Sheets(), Tables(), Folders())


def find_layout(folder: Path) -> Layout:
    """Return the layout of ``folder``; the first where it holds several.

    Raises:
        DataError: it holds none.
    """
    for layout in LAYOUTS:
        if layout.is_in(folder):
            return layout
    message = f"{folder} holds no FER2013; {REMEDY}"
    raise DataError(message)
