"""FER2013 with its seven labels, and the FER+ votes as something extra to learn."""

from pathlib import Path

from mien_training.datasets.faces import Faces, Parts, labelled
from mien_training.datasets.fer2013_sheets import read_sheets, sheet_files, vote_shares

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


class Fer2013:
    """Training trains, PublicTest validates; PrivateTest is kept apart and is not read."""

    title = "FER2013 (I. Goodfellow et al., ICONIP 2013)"
    licence = "Trained on FER2013, whose pictures were collected from the web: research and education"
    remedy = "give the folder that holds fer2013-*.png and fer2013-labels.npz with --data"

    def files(self, folder: Path) -> list[Path]:
        """Return the sheets and the label file."""
        return sheet_files(folder)

    def read(self, folder: Path) -> Parts:
        """Return Training and PublicTest; ``extra`` holds the shares of the ten FER+ names."""
        arrays = read_sheets(folder, self.remedy)
        plain = labelled(arrays["images"], arrays["label"], len(LABELS))
        shares = vote_shares(arrays["ferplus_votes"])
        whole = Faces(plain.images, plain.labels, plain.targets, shares)
        training, public = (whole.take(arrays["usage"] == usage) for usage in (0, 1))
        return Parts(LABELS, training, public)
