"""What the data sets of loose picture files have in common."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from mien_training.datasets.faces import Bytes, Parts
from mien_training.datasets.pictures import GREY, SIDE, Listed, Listing, read_pictures
from mien_training.datasets.splitting import Shares, divide_pictures, require_every_class
from mien_training.errors import DataError


class PictureSet(ABC):
    """A folder of pictures whose names tell their classes.

    Attributes:
        labels: the classes, in the order of the targets.
        shares: of a class, for validation and test, where the names do not decide.
        cropped: whether the pictures come cropped to the face. Where they do not, they are
            meant to be turned into crops by ``python -m mien_training.prepare`` first, for a
            model is right about crops like those it was trained on.
    """

    title: ClassVar[str]
    licence: ClassVar[str]
    remedy: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]
    shares: ClassVar[Shares]
    cropped: ClassVar[bool]

    @abstractmethod
    def list_pictures(self, folder: Path) -> Listing:
        """Return the pictures in ``folder``, by path, with what their names tell.

        Raises:
            DataError: a class is missing or empty.
        """

    def files(self, folder: Path) -> list[Path]:
        """Return the pictures."""
        return [picture.path for picture in self.list_pictures(folder).pictures]

    def read(self, folder: Path) -> Parts:
        """Return the parts: whole pictures, cut square, grey, 48x48.

        Raises:
            DataError: a class is empty, a name tells no class, or a picture is damaged.
        """
        listing = self.list_pictures(folder)
        if listing.odd:
            message = f"{listing.odd[0]} has a name that tells no class: remove it; {self.remedy}"
            raise DataError(message)
        paths = (picture.path for picture in listing.pictures)
        images = read_pictures(paths, SIDE, GREY, self.remedy)
        return self.split(folder, listing.pictures, images)

    def split(self, folder: Path, listed: list[Listed], images: Bytes) -> Parts:
        """Return the parts of the pictures in ``folder``, read or cropped to [N, H, W, C].

        Raises:
            DataError: a class is empty in a part.
        """
        parts = divide_pictures(listed, images, self.shares, self.labels)
        return require_every_class(parts, folder, self.remedy)
