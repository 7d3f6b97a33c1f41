"""Reader of FER2013: four lossless sheets of 48x48 faces and one label file."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
import numpy.typing as npt

from mien_training.errors import DataError
from mien_training.paths import DATA

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

_SIDE = 48
_FACES_PER_ROW = 64
_FACES_PER_SHEET = 8192
_LABEL_FILE = "fer2013-labels.npz"
_REMEDY = "give the folder that holds fer2013-*.png and fer2013-labels.npz with --data"

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Faces:
    """A part of the data set.

    Attributes:
        images: uint8 [N, 48, 48, 1], grey.
        labels: uint8 [N], index into ``LABELS``.
        votes: uint8 [N, 10], FER+ votes in the order of the FER+ paper.
    """

    images: Bytes
    labels: Bytes
    votes: Bytes

    def __len__(self) -> int:
        return len(self.labels)


def load_fer2013(folder: Path = DATA) -> tuple[Faces, Faces]:
    """Return the Training and the PublicTest part.

    Raises:
        DataError: a file is missing, unreadable or does not hold what it should.
    """
    arrays = _read_labels(folder / _LABEL_FILE)
    images = _read_sheets(folder, len(arrays["label"]))
    whole = Faces(images, arrays["label"], arrays["ferplus_votes"])
    training, public = (_part(whole, arrays["usage"] == usage) for usage in (0, 1))
    return training, public


def hash_data(folder: Path = DATA) -> str:
    """Return one SHA-256 over every data file, in name order."""
    digest = sha256()
    for path in sorted([*folder.glob("fer2013-*.png"), folder / _LABEL_FILE]):
        digest.update(_read_bytes(path))
    return digest.hexdigest()


def _part(faces: Faces, mask: npt.NDArray[np.bool_]) -> Faces:
    return Faces(faces.images[mask], faces.labels[mask], faces.votes[mask])


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        message = f"cannot read {path}: {exc.strerror}; {_REMEDY}"
        raise DataError(message) from exc


def _read_labels(path: Path) -> dict[str, Bytes]:
    if not path.is_file():
        message = f"{path} is missing; {_REMEDY}"
        raise DataError(message)
    try:
        with path.open("rb") as file, np.load(file) as archive:
            arrays = {name: archive[name] for name in ("label", "usage", "ferplus_votes")}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as exc:
        message = f"{path} is no FER2013 label file ({exc}); {_REMEDY}"
        raise DataError(message) from exc
    if arrays["label"].max(initial=0) >= len(LABELS):
        message = f"{path} holds a label above {len(LABELS) - 1}; {_REMEDY}"
        raise DataError(message)
    return arrays


def _read_sheets(folder: Path, count: int) -> Bytes:
    sheets = -(-count // _FACES_PER_SHEET)
    faces = [_read_sheet(folder / f"fer2013-{number}.png") for number in range(sheets)]
    images = np.concatenate(faces)
    if len(images) < count:
        message = f"the sheets in {folder} hold {len(images)} faces, the labels {count}; {_REMEDY}"
        raise DataError(message)
    return images[:count, :, :, np.newaxis]


def _read_sheet(path: Path) -> Bytes:
    encoded = np.frombuffer(_read_bytes(path), np.uint8)
    sheet = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE) if len(encoded) else None
    if sheet is None or sheet.shape[1] != _SIDE * _FACES_PER_ROW or sheet.shape[0] % _SIDE:
        message = f"{path} is no sheet of {_FACES_PER_ROW} faces a row; {_REMEDY}"
        raise DataError(message)
    rows = sheet.reshape(-1, _SIDE, _FACES_PER_ROW, _SIDE).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(rows.reshape(-1, _SIDE, _SIDE), dtype=np.uint8)
