"""Reader of FER2013's sheets: four lossless pictures of 48x48 faces and one label file."""

from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from mien_training.datasets.faces import Bytes, Floats
from mien_training.errors import DataError

_SIDE = 48
_FACES_PER_ROW = 64
_FACES_PER_SHEET = 8192
_CLASSES = 7
_LABEL_FILE = "fer2013-labels.npz"


def sheet_files(folder: Path) -> list[Path]:
    """Return the sheets and the label file, in name order."""
    return sorted([*folder.glob("fer2013-*.png"), folder / _LABEL_FILE])


def read_sheets(folder: Path, remedy: str) -> dict[str, Bytes]:
    """Return ``images`` [N, 48, 48, 1], ``label`` [N], ``usage`` [N] and ``ferplus_votes`` [N, 10].

    Raises:
        DataError: a file is missing, unreadable or does not hold what it should.
    """
    arrays = _read_labels(folder / _LABEL_FILE, remedy)
    count = len(arrays["label"])
    sheets = range(-(-count // _FACES_PER_SHEET))
    faces = [_read_sheet(folder / f"fer2013-{number}.png", remedy) for number in sheets]
    images = np.concatenate(faces)
    if len(images) < count:
        message = f"the sheets in {folder} hold {len(images)} faces, the labels {count}; {remedy}"
        raise DataError(message)
    return {**arrays, "images": images[:count, :, :, np.newaxis]}


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
    if arrays["label"].max(initial=0) >= _CLASSES:
        message = f"{path} holds a label above {_CLASSES - 1}; {remedy}"
        raise DataError(message)
    return arrays


def _read_sheet(path: Path, remedy: str) -> Bytes:
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as exc:
        message = f"cannot read {path}: {exc.strerror}; {remedy}"
        raise DataError(message) from exc
    sheet = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE) if len(encoded) else None
    if sheet is None or sheet.shape[1] != _SIDE * _FACES_PER_ROW or sheet.shape[0] % _SIDE:
        message = f"{path} is no sheet of {_FACES_PER_ROW} faces a row; {remedy}"
        raise DataError(message)
    rows = sheet.reshape(-1, _SIDE, _FACES_PER_ROW, _SIDE).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(rows.reshape(-1, _SIDE, _SIDE), dtype=np.uint8)


def vote_shares(votes: Bytes) -> Floats:
    """Return float32 [N, names]: the share of the votes that each name got."""
    counts = votes.astype(np.float32)
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
