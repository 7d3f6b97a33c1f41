"""Crops for training that are the crops that are served: the same finder, the same frame."""

from pathlib import Path

import numpy as np

from mien_detector.errors import ImageError
from mien_detector.pipeline import FaceFinder
from mien_detector.types import CropShape
from mien_training.datasets.faces import Bytes


class NoClearFaceError(Exception):
    """A picture does not show exactly one face that is clear enough; the message says what."""


def crop_face(finder: FaceFinder, path: Path, side: int, channels: int) -> Bytes:
    """Return uint8 [side, side, channels], grey or RGB: the one face in a picture.

    What counts as a face is what the served detector returns: its score and size are the
    finder's own limits.

    Raises:
        NoClearFaceError: the picture shows no face or several, or it cannot be read.
    """
    shape = CropShape(side, side, channels)
    try:
        findings = finder.find(path.read_bytes(), finder.selection, shape)
    except (OSError, ImageError) as exc:
        raise NoClearFaceError(str(exc)) from exc
    if len(findings.faces) != 1:
        message = f"{len(findings.faces) or 'no'} faces"
        raise NoClearFaceError(message)
    return np.frombuffer(findings.faces[0].crop, np.uint8).reshape(side, side, channels)
