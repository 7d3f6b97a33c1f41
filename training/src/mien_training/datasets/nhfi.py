"""NHFI: faces from the web in eight folders."""

from pathlib import Path

from mien_training.datasets.ferplus import LABELS
from mien_training.datasets.names import class_folders
from mien_training.datasets.picture_set import PictureSet
from mien_training.datasets.pictures import Listed, Listing, pictures_of_class
from mien_training.datasets.splitting import Shares
from mien_training.errors import DataError


class Nhfi(PictureSet):
    """The eight classes of FER+, in its order; a tenth of each validates, a tenth is the test.

    The set comes without a split. Pictures that are in it twice stay on one side.
    """

    title = "Natural Human Face Images for Emotion Recognition (S. Vaidya, Kaggle)"
    licence = (
        "Trained on NHFI, whose pictures were collected from the web: research and education, "
        "within the terms of its Kaggle page"
    )
    remedy = (
        "give the folder that holds anger, contempt, disgust, fear, happiness, neutrality, "
        "sadness and surprise with --data (training/DATASETS.md says where to get it)"
    )
    labels = LABELS
    shares = Shares(validation=0.1, test=0.1)
    cropped = True

    def list_pictures(self, folder: Path) -> Listing:
        """See PictureSet."""
        if not folder.is_dir():
            message = f"{folder} is missing; {self.remedy}"
            raise DataError(message)
        return Listing(
            [
                Listed(path, number)
                for place, number in class_folders(folder, self.labels, self.remedy)
                for path in pictures_of_class(place, self.labels[number], self.remedy)
            ]
        )
