"""FER2013 with its seven labels, and the FER+ votes as something extra to learn."""

from pathlib import Path

from mien_training.datasets.faces import Faces, Parts, labelled
from mien_training.datasets.fer2013_layouts import REMEDY, find_layout
from mien_training.datasets.fer2013_rows import LABELS, vote_shares
from mien_training.datasets.splitting import divide, require_every_class

__all__ = ["LABELS", "Fer2013"]


class Fer2013:
    """Training trains, PublicTest validates, PrivateTest is the test, in each of three layouts.

    The sheets hold no PrivateTest. The picture folders have no PublicTest of their own: see
    `fer2013_folders` for what validates there.
    """

    title = "FER2013 (I. Goodfellow et al., ICONIP 2013)"
    licence = (
        "Trained on FER2013, whose pictures were collected from the web: research and education"
    )
    remedy = REMEDY

    def files(self, folder: Path) -> list[Path]:
        """Return the files of the folder's layout."""
        return find_layout(folder).files(folder)

    def read(self, folder: Path) -> Parts:
        """Return the parts; ``extra`` holds the shares of the ten FER+ names where there are votes.

        Raises:
            DataError: a file is missing, unreadable or does not hold what it should.
        """
        rows = find_layout(folder).read(folder, self.remedy)
        faces = labelled(rows.images, rows.labels, len(LABELS))
        if rows.votes is not None:
            shares = vote_shares(rows.votes)
            faces = Faces(faces.images, faces.labels, faces.targets, shares)
        return require_every_class(divide(faces, rows.usage, LABELS), folder, self.remedy)
