"""FER2013 as sheets: four lossless pictures of 48x48 faces and one label file.

``fer2013-0.png`` and so on hold 64 faces a row, filled row by row, 8,192 faces a sheet.
``fer2013-labels.npz`` holds ``label`` [N], ``usage`` [N] (0 Training, 1 PublicTest) and
``ferplus_votes`` [N, 10]. PrivateTest is kept apart.
"""

from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from mien_training.datasets.faces import Bytes
from mien_training.datasets.fer2013_rows import LABELS, SIDE, Fer2013Rows
from mien_training.errors import DataError

_FACES_PER_ROW = 64
_FACES_PER_SHEET = 8192
_LABEL_FILE = "fer2013-labels.npz"
_SHEETS = "fer2013-*.png"


class Sheets:
    """The layout of the sheets."""

    looked_for = f"{_SHEETS} with {_LABEL_FILE}"

    def is_in(self, folder: Path) -> bool:
        """Tell whether the folder holds some of it."""
        return (folder / _LABEL_FILE).exists() or any(folder.glob(_SHEETS))

    def files(self, folder: Path) -> list[Path]:
        """Return the sheets and the label file, in name order."""
        return sorted([*folder.glob(_SHEETS), folder / _LABEL_FILE])

    def read(self, folder: Path, remedy: str) -> Fer2013Rows:
        """Return Training and PublicTest with votes.

        Raises:
            DataError: a file is missing, unreadable or does not hold what it should.
        """
        arrays = _read_labels(folder / _LABEL_FILE, remedy)
        count = len(arrays["label"])
        sheets = range(-(-count // _FACES_PER_SHEET))
        faces = [_read_sheet(folder / f"fer2013-{number}.png", remedy) for number in sheets]
        images = np.concatenate(faces)
        if len(images) < count:
            counts = f"{len(images)} faces, the labels {count}"
            message = f"the sheets in {folder} hold {counts}; {remedy}"
            raise DataError(message)
        images = images[:count, :, :, np.newaxis]
        return Fer2013Rows(images, arrays["label"], arrays["usage"], arrays["ferplus_votes"])


def _read_labels(path: Path, remedy: str) -> dict[str, Bytes]:
    if not path.is_file():
        message = f"{path} is missing; {remedy}"
        raise DataError(message)
    try:
        with path.open("rb") as file, np.load(file) as archive:
            arrays = {name: archive[name] for name in ("label", "usage", "ferplus_votes")}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as exc:
        message = f"{path} is no FER2013 label file ({exc}); {remedy}"
        raise DataError(message) from exc
    if not len(arrays["label"]):
        message = f"{path} holds no face; {remedy}"
        raise DataError(message)
    if arrays["label"].max() >= len(LABELS):
        message = f"{path} holds a label above {len(LABELS) - 1}; {remedy}"
        raise DataError(message)
    return arrays


def _read_sheet(path: Path, remedy: str) -> Bytes:
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as exc:
        message = f"cannot read {path}: {exc.strerror}; {remedy}"
        raise DataError(message) from exc
    sheet = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE) if len(encoded) else None
    if sheet is None or sheet.shape[1] != SIDE * _FACES_PER_ROW or sheet.shape[0] % SIDE:
        message = f"{path} is no sheet of {_FACES_PER_ROW} faces a row; {remedy}"
        raise DataError(message)
    rows = sheet.reshape(-1, SIDE, _FACES_PER_ROW, SIDE).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(rows.reshape(-1, SIDE, SIDE), dtype=np.uint8)
